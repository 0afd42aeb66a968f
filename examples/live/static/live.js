// The page always shows the server's last response; an event only says that it is time to ask again. After a lost
// connection the page has missed events, so it asks when the channels are back.

import { listen } from "./channels.js";
import { refusal, said, story } from "./story.js";

const config = JSON.parse(document.getElementById("config").textContent);
const base = location.pathname;
const invitation = `${base}sessions/${config.session}/trigger_private`;
const UNSETTLED = new Set(["agreed", "showing", "refused", "expired", "claimed"]);

const element = (id) => document.getElementById(id);
const view = { state: null, preview: null, goal: null, skew: 0 };

async function ask(url, options) {
  const response = await fetch(url, { cache: "no-store", ...options });
  return { ok: response.ok, status: response.status, body: await response.json() };
}

async function send(method, url, body, headers) {
  const json = { "Content-Type": "application/json", ...headers };
  const response = await ask(url, { method, ...(body && { headers: json, body: JSON.stringify(body) }) });
  setText("problem", response.ok ? "" : refusal(response.body));
  await refresh();
}

// If the answer is lost, the same invitation is sent again under the same key: it is paid once.
async function invite(body) {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  for (let attempt = 1; attempt <= 5; attempt++) {
    try {
      return await send("POST", invitation, body, headers);
    } catch {
      setText("problem", "No answer yet: asking again.");
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  setText("problem", "No answer. If the invitation arrived, you will see it here.");
}

let asking = null;
let again = false;

// One refresh at a time. If something happens meanwhile, another one follows.
async function refresh() {
  if (asking) {
    again = true;
    return asking;
  }
  asking = fetchAll().catch(() => {}); // the connection's state shows it
  await asking;
  asking = null;
  draw();
  if (again) {
    again = false;
    await refresh();
  }
}

async function fetchAll() {
  const [state, preview] = await Promise.all([ask(`${base}state`), ask(`${invitation}?duration=${duration()}`)]);
  const goal = state.body.goal_id && (await ask(`${base}goals/${state.body.goal_id}`));
  // The balance was fetched first. If the goal has moved on since, fetch it again.
  if (goal && goal.body.state !== view.goal?.state) again = true;
  Object.assign(view, {
    state: state.body,
    preview: preview.body,
    goal: goal && goal.ok ? goal.body : null,
    skew: state.body.now - Date.now(),
  });
}

function duration() {
  const chosen = document.querySelector("input[name=duration]:checked");
  return chosen ? Number(chosen.value) : 60; // the streamer has no such field; any length will do
}

const now = () => (Date.now() + view.skew) / 1000;

function draw() {
  if (!view.state) return;
  const { available, held, escrow, payers, preset, may_watch_until: end } = view.state;
  setText("available", available);
  setText("held", held);
  setText("time", `${Math.max(0, Math.ceil((end ?? 0) - now()))} s`);
  setText("escrow", payers ? `${escrow} (${payers === 1 ? "1 viewer" : `${payers} viewers`})` : escrow);
  const words = story({ ...view, ...config, now: now() });
  setText("title", words.title);
  setText("story", words.text);
  drawButtons(words, preset);
  drawCountdown(words);
}

function drawButtons(words, preset) {
  const go = element("go");
  if (go) {
    go.textContent = words.action;
    go.disabled = !words.possible;
    return;
  }
  const state = view.goal?.state;
  element("agree").hidden = element("refuse").hidden = state !== "ongoing";
  element("show").hidden = !["agreed", "showing"].includes(state) || preset === "sd";
  element("stop").hidden = preset !== "sd";
}

function drawCountdown({ label, until, total }) {
  const left = until ? Math.max(0, until - now()) : 0;
  element("countdown").hidden = !left;
  setText("for", label);
  element("left").textContent = `${Math.ceil(left)} s`;
  element("bar").value = total ? Math.min(1, left / total) : 0;
}

function setText(id, text) {
  const target = element(id);
  if (target && target.textContent !== String(text)) target.textContent = text; // a screen reader reads every change aloud
}

function heard(event, channel, payload) {
  if (event === "invitation.lapsed") setText("problem", `Your invitation: ${said(event, payload)}.`);
  const line = document.createElement("li");
  line.innerHTML = "<code></code> <span></span> <b></b>";
  [event, channel.split("@")[0], said(event, payload)].forEach((text, place) => (line.children[place].textContent = text));
  element("heard").prepend(line);
  while (element("heard").children.length > 6) element("heard").lastChild.remove();
  refresh();
}

function connection(text) {
  setText("connection", text);
  element("connection").dataset.state = text;
}

element("invite")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const within = Number(event.target.elements.within.value);
invite({ exp: Math.ceil(now()) + within, duration: duration(), amount: view.preview.amount });
});
element("invite")?.addEventListener("change", refresh);
element("agree")?.addEventListener("click", () => send("DELETE", `${base}goals/${view.goal.goal_id}`, { agree: true }));
element("refuse")?.addEventListener("click", () => send("DELETE", `${base}goals/${view.goal.goal_id}`, { agree: false }));
element("show")?.addEventListener("click", () => send("PATCH", `${base}streams/me/preset/sd`));
element("stop")?.addEventListener("click", () => send("PATCH", `${base}streams/me/preset/preview`));

listen(config, base, {
  heard,
  ready: () => refresh().then(() => connection("live")),
  lost: () => connection("reconnecting"),
});

// Countdowns run here. No event announces the end of a cooldown, or another preset.
setInterval(() => {
  draw();
  const waiting = UNSETTLED.has(view.goal?.state) || view.state?.preset === "sd" || view.preview?.retry_at || (view.state?.goal_id && !view.goal);
  if (waiting) refresh();
}, 1000);
