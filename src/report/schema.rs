//! The published schemas of what reports write as JSON: JSON Schema 2020-12, made from the types themselves by a
//! test, and part of the program.

/// A schema that the program carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// Its name on the command line.
    pub name: &'static str,
    /// The file that it describes.
    pub of: &'static str,
    /// The schema.
    pub text: &'static str,
}

/// Every schema.
pub const ALL: [Schema; 4] = [
    Schema {
        name: "budget",
        of: "budget.json",
        text: include_str!("../../docs/schemas/budget.schema.json"),
    },
    Schema {
        name: "statements",
        of: "statements.json",
        text: include_str!("../../docs/schemas/statements.schema.json"),
    },
    Schema {
        name: "orders",
        of: "orders.json",
        text: include_str!("../../docs/schemas/orders.schema.json"),
    },
    Schema {
        name: "changes",
        of: "changes.json",
        text: include_str!("../../docs/schemas/changes.schema.json"),
    },
];

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test writes what is published")]
mod tests {
    use std::borrow::Cow;

    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, Schema as Json, SchemaGenerator, json_schema};

    use super::*;
    use crate::calendar::{FiscalQuarter, Month};
    use crate::money::Currency;
    use crate::report::diff::json::{Cents, Comparison};
    use crate::report::view::{BudgetView, Day, Money, ProcurementView, Quantity, StatementsView};

    /// What leaves the program as text of a form.
    macro_rules! text {
        ($type:ty, $name:literal, $pattern:literal, $what:literal) => {
            impl JsonSchema for $type {
                fn schema_name() -> Cow<'static, str> {
                    $name.into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Json {
                    json_schema!({"type": "string", "pattern": $pattern, "description": $what})
                }
            }
        };
    }

    text!(
        Money,
        "Money",
        r"^-?[0-9]+(\.[0-9]+)?$",
        "An amount in the currency of the report, exact."
    );
    text!(
        Cents,
        "Cents",
        r"^-?[0-9]+\.[0-9]{2}$",
        "An amount in the currency of the comparison, in whole cents."
    );
    text!(Quantity, "Quantity", r"^-?[0-9]+(\.[0-9]+)?$", "How many of a unit, exact.");
    text!(Day, "Day", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A day, as in ISO 8601.");
    text!(Month, "Month", r"^[0-9]{4}-[0-9]{2}$", "A month, as in ISO 8601.");
    text!(FiscalQuarter, "FiscalQuarter", r"^FY[0-9]{4}-Q[1-4]$", "A fiscal quarter.");
    text!(Currency, "Currency", r"^[A-Z]{3}$", "A currency by its ISO 4217 code.");

    fn made<T: JsonSchema>() -> String {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let schema = settings.into_generator().into_root_schema_for::<T>();
        serde_json::to_string_pretty(&schema).unwrap() + "\n"
    }

    #[test]
    fn the_published_schemas_are_those_of_the_types() {
        let made = [
            made::<BudgetView>(),
            made::<StatementsView>(),
            made::<ProcurementView>(),
            made::<Comparison<'_>>(),
        ];
        for (schema, made) in ALL.iter().zip(made) {
            let path = format!("docs/schemas/{}.schema.json", schema.name);
            if std::env::var_os("UPDATE_DOCS").is_some() {
                std::fs::write(&path, &made).unwrap();
            } else {
                assert!(
                    schema.text == made,
                    "{path} is stale: UPDATE_DOCS=1 cargo test --lib schema"
                );
            }
        }
    }
}
