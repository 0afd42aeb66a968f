// The state in words. Pure functions: they fetch nothing and draw nothing.

const RESTING = "Sid declined. You can invite again in a moment.";

// Which rule decided about the money (`why` of the goal).
const WHY = {
  show_began: "the show began",
  for_time_shown: "viewers pay for what was shown",
  no_show: "the show did not begin in time",
  not_agreed: "Sid did not agree",
  not_paid: "nobody had paid",
  session_over: "the session was over",
};

// Why nothing came of an invitation (`reason` of invitation.lapsed).
const LAPSED = {
  insufficient_balance: "your balance did not cover the price",
  goal_ended: "it was over before your money was held",
  goal_unknown: "the session is over",
  transaction_conflict: "you had joined for another price",
};

export function story(view) {
  return view.role === "streamer" ? streamers(view) : viewers(view);
}

function viewers({ preview, goal, state, rate, metered, now }) {
  const title = state.preset === "sd" ? "Sid is in a private show" : `A private show with Sid: ${rate} a minute`;
  const words = { title, ...action(preview, goal, state), text: mine(goal, state, metered), ...countdown(goal, state, preview, now) };
  if (preview.code === "cooldown" && preview.retry_at > now) return { ...words, text: `${words.text} ${RESTING}`.trim() };
  if (words.text) return words;
  if (preview.code === "goal_ending") return { ...words, text: preview.detail };
  return { ...words, text: preview.ongoing ? "Somebody has invited Sid: you can join." : `Invite Sid. You pay only ${metered ? "for what is shown" : "if the show begins"}.` };
}

function action(preview, goal, { preset }) {
  const { accepted, amount, ongoing } = preview;
  if (ongoing && goal?.hold && goal.goal_id === ongoing.goal_id) return { action: "Invited", possible: false };
  if (preset === "sd") return { action: "The show is on", possible: false };
  if (goal?.hold && ["agreed", "showing"].includes(goal.state)) return { action: "Sid agreed", possible: false };
  if (!accepted) return { action: "Not now", possible: false };
  return { action: ongoing ? `Join for ${amount}` : `Invite for ${amount}`, possible: true };
}

function mine(goal, { preset }, metered) {
  if (!goal?.hold) return "";
  const { amount, duration, released, refunded } = goal.hold;
  if (goal.state === "showing") return soFar(goal, preset);
  if (released !== undefined) return `You paid ${released} for what was shown, and ${refunded} are back.`;
  return {
    ongoing: `You offered ${amount} for ${duration} s. Sid has not answered yet.`,
    agreed: `Sid agreed: ${duration} s are yours. You pay ${metered ? "for what is shown" : `the ${amount} when the show begins`}.`,
    refused: `Sid declined. Your ${amount} will be refunded.`,
    expired: `Sid did not answer. Your ${amount} will be refunded.`,
    released: `You saw ${duration} s for ${amount}${because(goal)}`,
    refunded: `Your ${amount} are back${because(goal)}${goal.agreed ? ` The ${duration} s are taken back.` : ""}`,
  }[goal.state];
}

function soFar({ hold, show }, preset) {
  const cost = show ? ` So far it costs ${show.cost} of your ${hold.amount}, for ${show.seconds_shown} s.` : "";
  return (preset === "sd" ? "The show is on." : "Sid has left the show: you pay nothing meanwhile.") + cost;
}

function because({ why }) {
  return why?.rule in WHY ? `: ${WHY[why.rule]}.` : ".";
}

function streamers({ goal, state, now }) {
  const title = { sd: "The private show is on", preview: "You are in preview" }[state.preset] ?? "";
  const text = !goal
    ? "Nobody has invited you."
    : {
        ongoing: "You are invited to a private show. Agree?",
        showing: state.preset === "sd" ? "The show is on: every second is paid." : "You have left the show. Come back soon, or it is over.",
        agreed: state.preset === "sd" ? "The show is on: you will be paid." : "You agreed. Start the show to be paid.",
        refused: "You refused. Every viewer will be refunded.",
        expired: "You did not answer in time. Every viewer will be refunded.",
        released: `You were paid${because(goal)}`,
        refunded: `Every viewer is refunded${because(goal)}`,
      }[goal.state];
  return { title, text, ...countdown(goal, state, null, now) };
}

// What the current state waits for, when it ends, and how many seconds it lasts in all.
function countdown(goal, state, preview, now) {
  if (goal?.state === "ongoing" || (preview?.ongoing && !goal)) return { label: "left to answer", until: goal?.exp ?? preview.ongoing.exp, total: 60 };
  if (goal?.state === "showing" && goal.show) return { label: "of your time left", until: now + goal.show.seconds_left, total: goal.hold.duration };
  const settled = goal && { until: goal.exp + state.settle_delay, total: state.settle_delay };
  if (goal?.state === "agreed") return { label: state.preset === "sd" ? "until the money moves" : "left to begin the show", ...settled };
  if (["refused", "expired"].includes(goal?.state)) return { label: "until the refund", ...settled };
  return { label: "", until: null, total: 0 };
}

// What an event says beyond its name.
export function said(event, payload) {
  const { state, amount, total, reason, released, refunded } = payload;
  if (released !== undefined) return `${released} of your ${amount} paid, ${refunded} back`;
  if (event === "goal.settled") return amount === undefined ? `${state}, ${total ?? "many holds"} in all` : `${state}, ${amount} of yours`;
  if (event === "invitation.lapsed") return `nothing came of it: ${LAPSED[reason] ?? reason}`;
  if (event === "show.began") return "the show is on";
  if (event === "show.ended") return "the show is over";
  if (event === "stream.authorized") return "you may watch";
  if (event === "stream.unauthorized") return "your time is taken back";
  return "";
}

// A refusal, as a person would say it.
export function refusal({ code, amount, detail, title }) {
  if (code === "price_changed") return `The price is ${amount} now. Nothing has happened: look again, and invite for it.`;
  return detail ?? title;
}
