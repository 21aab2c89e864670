import "./styles/tokens.css";
import "./styles/base.css";

import { render } from "preact";

import { App } from "./app";
import { startRouter } from "./route";
import { startClock } from "./state/clock";
import { startLive } from "./state/live";
import { startSession } from "./state/session";
import { startTheme } from "./state/theme";
import { startTitle } from "./state/title";

startTheme();
startTitle();
startRouter();
startClock();
startSession();
startLive();

const place = document.getElementById("app");
if (place !== null) render(<App />, place);
