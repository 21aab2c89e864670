use super::*;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const NOW: u64 = 2_000_000_000;

#[derive(Debug, Default)]
struct Paper(Mutex<Vec<u8>>);

impl SessionStore for Paper {
    fn load(&self) -> io::Result<Vec<u8>> {
        Ok(self.0.lock().expect("nobody panics with it").clone())
    }

    fn save(&self, content: &[u8]) -> io::Result<()> {
        *self.0.lock().expect("nobody panics with it") = content.to_vec();
        Ok(())
    }
}

fn token(letter: &str) -> ApiToken {
    ApiToken::parse(&letter.repeat(32)).expect("long enough")
}

fn sessions() -> Sessions {
    Sessions::open(token("a"), None)
}

fn admits(sessions: &Sessions, secret: &str, now: u64) -> bool {
    sessions.use_at(secret, now).0
}

#[test]
fn only_the_secret_that_was_given_out_is_admitted() {
    let sessions = sessions();
    let secret = sessions.begin_at(NOW);
    assert_eq!(secret.len(), 64);
    assert!(admits(&sessions, &secret, NOW));
    let hash = sessions.hash(&secret);
    for other in ["", &secret[1..], &secret.to_uppercase(), &hash, &sessions.begin_at(NOW)[1..]] {
        assert!(!admits(&sessions, other, NOW), "{other}");
    }
}

#[test]
fn a_session_ends_a_week_after_its_last_use_and_in_any_case_after_thirty_days() {
    let sessions = sessions();
    let (unused, used) = (sessions.begin_at(NOW), sessions.begin_at(NOW));
    for day in 1..30 {
        assert!(admits(&sessions, &used, NOW + day * DAY), "day {day}");
    }
    assert!(!admits(&sessions, &used, NOW + 30 * DAY));
    assert!(!admits(&sessions, &unused, NOW + 7 * DAY));
    assert!(admits(&sessions, &unused, NOW + 7 * DAY - 1));
    // The clock was set back.
    assert!(admits(&sessions, &used, NOW - DAY));
}

#[test]
fn a_use_is_noted_once_an_hour() {
    let sessions = sessions();
    let secret = sessions.begin_at(NOW);
    let noted = [1, HOUR - 1, HOUR, HOUR + 1, 2 * HOUR].map(|later| sessions.use_at(&secret, NOW + later).1);
    assert_eq!(noted, [false, false, true, false, true]);
}

#[test]
fn the_one_used_longest_ago_makes_room() {
    let sessions = sessions();
    let first = sessions.begin_at(NOW);
    let second = sessions.begin_at(NOW + 1);
    for more in 0..MOST as u64 - 1 {
        sessions.begin_at(NOW + 2 + more);
    }
    assert!(!admits(&sessions, &first, NOW + 100) && admits(&sessions, &second, NOW + 100));
    assert_eq!(sessions.table().sessions.len(), MOST);
}

#[actix_rt::test]
async fn sessions_outlive_the_server_but_not_their_end_nor_another_token() {
    let paper = Arc::new(Paper::default());
    let open = |letter| Sessions::open(token(letter), Some(paper.clone() as Arc<dyn SessionStore>));
    let first = open("a");
    let (kept, ended) = (first.begin().await, first.begin().await);
    first.end(&ended).await.expect("the store works");
    first.end("unknown").await.expect("nothing is to be done");
    assert!(open("a").admits(&kept) && !open("a").admits(&ended) && !open("b").admits(&kept));
    let written = String::from_utf8(paper.load().expect("the store works")).expect("JSON is text");
    assert!(!written.contains(&kept) && !written.contains("aaaa"), "no secret is written: {written}");
    paper.save(b"{\"sess").expect("the store works");
    assert!(!open("a").admits(&kept), "what cannot be read admits nobody");
}
