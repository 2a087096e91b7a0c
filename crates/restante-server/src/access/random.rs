use restante::Error;

/// Random bytes from the system.
///
/// # Errors
/// `Internal` when it gives none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::internal("system", "the system gives no random bytes").with_source(error)
    })?;
    Ok(bytes)
}
