use super::*;

#[test]
fn a_name_is_lowercase_letters_digits_and_dashes_and_nothing_else() {
    for good in ["a", "0", "dev-2", "a--b", &"x".repeat(63)] {
        assert_eq!(InstanceName::parse(good).expect(good).as_ref(), good);
    }
    let long = "x".repeat(300);
    for (bad, why) in [
        ("", NameError::Empty),
        ("-x", NameError::BadFirst { found: '-' }),
        ("../a", NameError::BadFirst { found: '.' }),
        ("a;b", NameError::BadCharacter { found: ';', at: 2 }),
        ("é", NameError::BadFirst { found: 'é' }),
        ("aB", NameError::BadCharacter { found: 'B', at: 2 }),
        ("a\n", NameError::BadCharacter { found: '\n', at: 2 }),
        (long.as_str(), NameError::TooLong { len: 300 }),
        ("a-prev", NameError::Reserved),
    ] {
        assert_eq!(InstanceName::parse(bad), Err(why), "{bad:?}");
    }
}

#[test]
fn a_container_name_leads_back_to_its_instance_only_when_it_matches_exactly() {
    let prefix = FleetPrefix::parse("claude-hooks").expect("a valid prefix");
    let dev = InstanceName::parse("dev-2").expect("a valid name");
    assert_eq!(prefix.instance_of_container(&prefix.container(&dev)), Some(dev.clone()));
    assert_eq!(prefix.instance_of_container(&prefix.previous_container(&dev)), None);
    for other in ["claude-hooks", "claude-hooks-", "xclaude-hooks-dev", "claude-hooksdev", "dev-2"] {
        assert_eq!(prefix.instance_of_container(other), None, "{other}");
    }
}
