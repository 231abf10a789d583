//! Exchange rates are for other currencies.

use super::error;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;

/// An exchange rate of the plan's own currency.
pub static FX_OF_OWN_CURRENCY: Code = error(
    "fx_of_own_currency",
    "an exchange rate of the plan's own currency",
    r#"`fx EUR "1.09 USD"` says what one unit of another currency costs in the plan's. One unit of the plan's own currency
costs one; probably the two were exchanged.

Wrong:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; fx USD "0.92 EUR"; }
```

Right:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; fx EUR "1.09 USD"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    if let Some(fx) = plan.fx.get(&plan.currency) {
        let own = plan.currency;
        found.push(
            Diagnostic::new(&FX_OF_OWN_CURRENCY, format!("`{own}` is the plan's own currency"))
                .at(fx.origin, format!("one {own} costs one {own}"))
                .help(format!(
                    "name the other currency, and its price in {own}: `fx EUR \"1.09 {own}\"`"
                )),
        );
    }
}
