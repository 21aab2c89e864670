use claude_hooks_actors::model::{TaskId, TaskInput, TaskSpec};

use super::*;

fn request(stdin: &[u8]) -> RunRequest {
    RunRequest {
        run: RunId::new(TaskId::random(), 1),
        spec: TaskSpec {
            argv: vec!["echo".into(), "a\nb\"".into()],
            workdir: Some("/work".into()),
            timeout: Some(Duration::from_millis(1500)),
            retry: false,
        },
        input: TaskInput {
            env: BTreeMap::from([("SECRET".into(), "s3cret\nline".into())]),
            stdin: Bytes::copy_from_slice(stdin),
        },
    }
}

#[test]
fn an_order_is_read_as_it_was_written() {
    let all: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let request = request(&all);
    let order = Order::read(Order::encode(&request).as_slice()).expect("a whole order");
    assert_eq!((&order.run, &order.argv), (&request.run, &request.spec.argv));
    assert_eq!((&order.env, &order.stdin), (&request.input.env, &request.input.stdin));
    assert_eq!((&order.workdir, order.timeout), (&request.spec.workdir, request.spec.timeout));
}

#[test]
fn half_an_order_is_none_and_no_secret_is_in_the_error() {
    let whole = Order::encode(&request(b"s3cret input"));
    for end in 0..whole.len() {
        let error = Order::read(&whole[..end]).expect_err("it was cut off");
        assert!(!error.contains("s3cret"), "{error}");
    }
    let odd = String::from_utf8(whole).expect("text").replace("\"argv\":[", "\"argv\":[\"s3cret\", 7,");
    let error = Order::read(odd.as_bytes()).expect_err("a number is no word");
    assert!(!error.contains("s3cret"), "{error}");
}
