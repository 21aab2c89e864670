import { I as cancel, L as outputPath, N as useLoad, a as useTaskEvents, d as FeedStanding, dt as commandLine, f as OutputPane, ft as isFinal, h as Feed, l as shortly, mt as statusOfTask, pt as ranFor, u as useFeed, x as chunks, z as task } from "./shared.js";
import { c as A, h as $, m as w, p as d, t as a } from "./vendor-preact.js";
import { H as Dash, J as Link, Ot as intent, S as StatusMark, Sn as ApiError, V as Ago, Xt as run, Y as agentPath, at as EmptyState, h as bytes, ht as Button, ot as Notice, pt as Dialog, st as Problem, vt as isLive, wt as now, x as Chip } from "./common.js";
// src/views/task/output.tsx
/** What a task prints. One that nobody works on yet is not asked for it: that is refused. */
function TaskOutput({ task, onEnd }) {
	if (task.instance !== null) return /* @__PURE__ */ a(Printed, {
		task,
		onEnd
	});
	return /* @__PURE__ */ a("p", {
		class: "card task-unbegun soft",
		role: "status",
		children: isFinal(task.state) ? "It printed nothing." : "It has not begun yet."
	});
}
/** Byte for byte from its beginning, until it ends. */
function Printed({ task, onEnd }) {
	const feed = w(() => outputOf(task.id), [task.id]);
	useFeed(feed);
	const { kind } = feed.standing.value;
	A(() => {
		if (kind === "ended" && !isFinal(task.state)) onEnd();
	}, [kind]);
	A(() => {
		if ((kind === "ended" || kind === "refused") && !isFinal(task.state)) feed.connect();
	}, [task]);
	return /* @__PURE__ */ a($, { children: [task.truncated && /* @__PURE__ */ a(Notice, {
		tone: "warn",
		children: "It printed more than is kept: the output below ends early."
	}), /* @__PURE__ */ a(OutputPane, {
		label: "Output",
		buffer: feed.buffer.value,
		reading: feed.reading,
		streams: false,
		growing: kind !== "ended" || !isFinal(task.state),
		standing: /* @__PURE__ */ a(FeedStanding, {
			feed,
			ended: "Ended"
		}),
		empty: emptyWords(task, kind),
		download: {
			href: outputPath(task.id, 0).replace("follow=1&", ""),
			name: `task-${task.id}.txt`
		}
	})] });
}
function outputOf(id) {
	let offset = 0;
	const text = new TextDecoder();
	return new Feed({ dated: false }, async (feed, signal) => {
		for await (const bytes of afterOpening(feed, chunks(outputPath(id, offset), "application/octet-stream", signal))) {
			offset += bytes.length;
			feed.take({
				stream: "both",
				text: text.decode(bytes, { stream: true })
			});
		}
	});
}
/** The server sends no first byte of its own: it is live as soon as it is asked. */
async function* afterOpening(feed, pieces) {
	feed.live();
	yield* pieces;
}
function emptyWords(task, kind) {
	if (task.state === "queued" || task.state === "waking") return "It has not begun yet.";
	return isFinal(task.state) && kind === "ended" ? "It printed nothing." : "It has printed nothing yet.";
}
// src/views/task/task.tsx
/** One task: what was asked, what became of it, and all that it printed. */
function TaskView({ route }) {
	const id = route.view === "task" ? route.id : "";
	const loaded = useLoad(id, () => task(id));
	useTaskEvents(null, () => {
		if (loaded.value !== null && !isFinal(loaded.value.state)) loaded.reload();
	});
	A(() => {
		if (isLive.value && loaded.value !== null && !isFinal(loaded.value.state)) loaded.reload();
	}, [isLive.value]);
	const { value: task$1, error } = loaded;
	if (task$1 === null) return /* @__PURE__ */ a(Nothing, {
		id,
		loaded
	});
	return /* @__PURE__ */ a("div", {
		class: "task",
		children: [
			/* @__PURE__ */ a(Head, {
				task: task$1,
				reload: loaded.reload
			}),
			error !== null && /* @__PURE__ */ a(Problem, { error }),
			task$1.detail !== null && /* @__PURE__ */ a(Notice, {
				tone: task$1.state === "succeeded" ? "ok" : "warn",
				children: task$1.detail
			}),
			/* @__PURE__ */ a(Facts, { task: task$1 }),
			/* @__PURE__ */ a(TaskOutput, {
				task: task$1,
				onEnd: loaded.reload
			}, task$1.id)
		]
	});
}
function Nothing({ id, loaded }) {
	const { error } = loaded;
	if (error === null) return /* @__PURE__ */ a("div", {
		class: "page-wait",
		role: "status",
		"aria-label": "Loading the task"
	});
	if (!(error instanceof ApiError) || error.status !== 404) return /* @__PURE__ */ a(Problem, { error });
	return /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a("h1", {
		class: "hidden-text",
		children: ["Task ", id]
	}), /* @__PURE__ */ a(EmptyState, {
		icon: "question",
		title: "There is no such task",
		whole: true,
		actions: /* @__PURE__ */ a(Link, {
			class: "text-link",
			href: "/tasks",
			children: "All tasks"
		}),
		children: [/* @__PURE__ */ a("span", {
			class: "mono",
			children: id
		}), " was never given, or is so old that it is not kept any more."]
	})] });
}
function Head({ task, reload }) {
	const [asking, setAsking] = d(false);
	const command = commandLine(task.argv);
	const stop = () => {
		setAsking(false);
		const name = task.argv[0] ?? "task";
		run(`Cancelling ${name}`, "cancelled", [name], async () => {
			const after = await cancel(task.id);
			return {
				failed: false,
				outcome: isFinal(after.state) ? statusOfTask(after).word.toLowerCase() : "being cancelled",
				detail: after.detail
			};
		}).then(reload);
	};
	return /* @__PURE__ */ a("header", {
		class: "task-top",
		children: [
			/* @__PURE__ */ a("div", {
				class: "task-title",
				children: [/* @__PURE__ */ a(Link, {
					class: "crumb",
					href: "/tasks",
					children: "Tasks"
				}), /* @__PURE__ */ a("h1", {
					class: "mono",
					children: command
				})]
			}),
			/* @__PURE__ */ a("div", {
				class: "task-actions",
				children: [
					/* @__PURE__ */ a(StatusMark, { status: statusOfTask(task) }),
					task.attempt > 1 && /* @__PURE__ */ a(Chip, {
						tone: "warn",
						children: `try ${task.attempt}`
					}),
					task.instance !== null && isFinal(task.state) && /* @__PURE__ */ a(Button, {
						icon: "task",
						onClick: () => intent.value = {
							kind: "run-task",
							name: task.instance
						},
						children: "Run another"
					}),
					!isFinal(task.state) && /* @__PURE__ */ a(Button, {
						icon: "close",
						disabled: task.cancelling,
						onClick: () => setAsking(true),
						children: task.cancelling ? "Cancelling" : "Cancel the task"
					})
				]
			}),
			asking && /* @__PURE__ */ a(Dialog, {
				title: "Cancel the task?",
				onClose: () => setAsking(false),
				onSubmit: stop,
				footer: /* @__PURE__ */ a($, { children: [/* @__PURE__ */ a(Button, {
					onClick: () => setAsking(false),
					"data-autofocus": true,
					children: "Keep it"
				}), /* @__PURE__ */ a(Button, {
					type: "submit",
					kind: "danger",
					children: "Cancel the task"
				})] }),
				children: /* @__PURE__ */ a("p", { children: task.state === "running" ? "The command and all that it started are killed. What it printed so far is kept." : "It is not begun any more." })
			})
		]
	});
}
function Facts({ task }) {
	const ran = ranFor(task, isFinal(task.state) ? 0 : now.value);
	const good = task.exit_code === 0;
	return /* @__PURE__ */ a("dl", {
		class: "card facts dims",
		children: [
			/* @__PURE__ */ a(Fact, {
				label: "Agent",
				children: task.instance === null ? /* @__PURE__ */ a("span", {
					class: "soft",
					children: ["any of ", task.type]
				}) : /* @__PURE__ */ a(Link, {
					class: "text-link",
					href: agentPath(task.instance),
					children: task.instance
				})
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Exit code",
				children: task.exit_code === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a("strong", {
					class: good ? "num" : "num exit-bad",
					children: task.exit_code
				})
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Cause",
				children: task.cause === null ? /* @__PURE__ */ a(Dash, {}) : task.cause.replaceAll("_", " ")
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Attempt",
				children: /* @__PURE__ */ a("span", {
					class: "num",
					children: task.attempt
				})
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Queued",
				children: /* @__PURE__ */ a("span", { children: [
					/* @__PURE__ */ a(Ago, { at: Date.parse(task.queued_at) }),
					" ",
					/* @__PURE__ */ a("span", {
						class: "soft",
						children: "ago"
					})
				] })
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Waited",
				children: task.started_at === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a("span", {
					class: "num",
					children: shortly(Date.parse(task.started_at) - Date.parse(task.queued_at))
				})
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Ran for",
				children: ran === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a("span", {
					class: "num",
					children: shortly(ran)
				})
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Ended",
				children: task.ended_at === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a("span", { children: [
					/* @__PURE__ */ a(Ago, { at: Date.parse(task.ended_at) }),
					" ",
					/* @__PURE__ */ a("span", {
						class: "soft",
						children: "ago"
					})
				] })
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Output",
				children: [task.output_bytes === 0 && !isFinal(task.state) ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a("span", {
					class: "num",
					children: bytes(task.output_bytes)
				}), task.truncated && /* @__PURE__ */ a(Chip, {
					tone: "warn",
					title: "It printed more than is kept",
					children: "truncated"
				})]
			}),
			/* @__PURE__ */ a(Fact, {
				label: "Container",
				children: task.incarnation === null ? /* @__PURE__ */ a(Dash, {}) : /* @__PURE__ */ a("span", {
					class: "mono cut",
					title: task.incarnation,
					children: task.incarnation.slice(0, 12)
				})
			})
		]
	});
}
function Fact({ label, children }) {
	return /* @__PURE__ */ a("div", { children: [/* @__PURE__ */ a("dt", { children: label }), /* @__PURE__ */ a("dd", { children })] });
}
export { TaskView };
