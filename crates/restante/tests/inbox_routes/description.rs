use std::collections::BTreeSet;

use serde_json::Value;

pub(crate) fn document() -> Value {
    serde_json::to_value(restante::inbox_openapi()).unwrap()
}

#[test]
fn the_document_is_as_it_was() {
    insta::assert_snapshot!(restante::inbox_openapi().to_pretty_json().unwrap());
}

#[test]
fn every_refusal_is_described_as_a_problem() {
    let document = document();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let problems: BTreeSet<&str> = responses
                .iter()
                .filter(|(_, response)| {
                    response["content"]["application/problem+json"]["schema"]["$ref"]
                        == "#/components/schemas/Problem"
                })
                .map(|(status, _)| status.as_str())
                .collect();
            let errors: BTreeSet<&str> =
                responses.keys().map(String::as_str).filter(|status| *status >= "400").collect();
            assert_eq!(problems, errors, "{method} {path}");
            assert!(errors.contains("401") && errors.contains("500") && errors.contains("503"));
            assert_eq!(errors.contains("403"), method != "get", "{method} {path}");
        }
    }
}
