//! "Did you mean": the known word that is nearest to a mistyped one.

/// The known word at most two edits away, if there is one.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(word, given), word))
        .filter(|(distance, word)| *distance <= 2 && *distance < word.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_a_strange_word_is_not() {
        let known = ["lifecycle", "image", "env"];
        assert_eq!(nearest("lifecycel", known), Some("lifecycle"));
        assert_eq!(nearest("imgae", known), Some("image"));
        assert_eq!(nearest("privileged", known), None);
        assert_eq!(nearest("", ["on"]), None);
    }
}
