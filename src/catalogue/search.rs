//! Prices by what they are of: patterns on type, region and GPU, and the way to buy.

use globset::{Glob, GlobMatcher};

use super::Listed;
use crate::plan::price::Purchase;

/// What is looked for; everything where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// A pattern on the type.
    pub instance: Option<GlobMatcher>,
    /// A pattern on the region.
    pub region: Option<GlobMatcher>,
    /// A pattern on the GPU model, whatever its case.
    pub gpu: Option<GlobMatcher>,
    /// A pattern on the provider.
    pub provider: Option<GlobMatcher>,
    /// The way to buy.
    pub purchase: Option<Purchase>,
}

/// A pattern with `*` and `?`.
///
/// # Errors
/// Where it is none; in words.
pub fn pattern(text: &str) -> Result<GlobMatcher, String> {
    Glob::new(text).map(|glob| glob.compile_matcher()).map_err(|error| error.to_string())
}

impl Wanted {
    /// Whether a price is wanted.
    #[must_use]
    pub fn is(&self, price: &Listed) -> bool {
        let matches = |pattern: &Option<GlobMatcher>, text: Option<&str>| {
            pattern.as_ref().is_none_or(|pattern| text.is_some_and(|text| pattern.is_match(text)))
        };
        let gpu = price.shape.gpu.as_deref().map(str::to_ascii_lowercase);
        matches(&self.instance, Some(&price.instance))
            && matches(&self.region, price.region.as_deref())
            && matches(&self.gpu, gpu.as_deref())
            && matches(&self.provider, price.provider.as_deref())
            && self.purchase.is_none_or(|purchase| purchase == price.purchase)
    }
}
