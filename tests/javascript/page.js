// What the pair page makes of the data it was sent (as JSON, on standard input): for tests that begin in Python.
import { readFileSync } from "node:fs";

import { PairState, wrongWith } from "../../surveys/static/surveys/pair/state.js";

const { ahead, comments } = JSON.parse(readFileSync(0, "utf8"));
const state = new PairState(ahead, { isWhole: false });
process.stdout.write(JSON.stringify({ far: state.far, wrong: comments.map((comment) => wrongWith(comment, ahead.rules)) }));
