use crate::{Error, Problem};

/// The query of the request as pairs, decoded. Unlike the frameworks' own it refuses what is not
/// UTF-8 instead of replacing it, and a name given twice.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name).ok_or_else(|| malformed(None))?;
            match decode(value) {
                Some(value) => Ok((name, value)),
                None => Err(malformed(Some(name))),
            }
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }

    /// The value of a name. One that is empty, as a form sends it, asks for nothing.
    pub(super) fn get(&self, name: &'static str) -> Result<Option<&str>, Error> {
        let mut values = self.0.iter().filter(|(given, _)| given == name);
        let value = values.next();
        if values.next().is_some() {
            return Err(Error::invalid(name, "is given twice"));
        }
        Ok(value.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty()))
    }

    /// All pairs in their order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn malformed(field: Option<String>) -> Problem {
    let problem = Problem::malformed("the query must be percent-encoded UTF-8");
    match field {
        Some(field) => problem.with_field(field),
        None => problem,
    }
}

fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_or_refused() {
        let query = Query::parse("q=%C3%A9+a%26b&&tag&limit=&x=1=2").unwrap();
        let pairs: Vec<_> = query.pairs().collect();
        assert_eq!(pairs, [("q", "é a&b"), ("tag", ""), ("limit", ""), ("x", "1=2")]);
        assert_eq!(query.get("limit").unwrap(), None);
        for bad in ["q=%", "q=%f", "q=%zz", "q=%ff", "%ff=1", "q=%+1"] {
            assert!(Query::parse(bad).is_err(), "{bad}");
        }
    }
}
