// The state in words. Pure functions: they fetch nothing and draw nothing.

const RESTING = "Sid declined. You can invite again in a moment.";

export function story(view) {
  return view.role === "streamer" ? streamers(view) : viewers(view);
}

function viewers({ preview, goal, state, rate, now }) {
  const title = state.preset === "sd" ? "Sid is in a private show" : `A private show with Sid: ${rate} a minute`;
  const words = { title, ...action(preview, goal), text: mine(goal), ...countdown(goal, state, preview) };
  if (preview.retry_at && preview.retry_at > now) return { ...words, text: `${words.text} ${RESTING}`.trim() };
  if (words.text) return words;
  return { ...words, text: preview.ongoing ? "Somebody has invited Sid: you can join." : "Invite Sid. You pay only if the show begins." };
}

function action(preview, goal) {
  const { accepted, amount, ongoing } = preview;
  if (ongoing && goal?.hold && goal.goal_id === ongoing.goal_id) return { action: "Invited", possible: false };
  if (!accepted) return { action: "Not now", possible: false };
  return { action: ongoing ? `Join for ${amount}` : `Invite for ${amount}`, possible: true };
}

function mine(goal) {
  if (!goal?.hold) return "";
  const { amount, duration } = goal.hold;
  return {
    ongoing: `You offered ${amount} for ${duration} s. Sid has not answered yet.`,
    agreed: `Sid agreed: ${duration} s are yours. You pay the ${amount} when the show begins.`,
    refused: `Sid declined. Your ${amount} will be refunded.`,
    expired: `Sid did not answer. Your ${amount} will be refunded.`,
    released: `You saw ${duration} s for ${amount}.`,
    refunded: `Your ${amount} are back.`,
  }[goal.state];
}

function streamers({ goal, state, now }) {
  const title = { sd: "The private show is on", preview: "You are in preview" }[state.preset] ?? "";
  const text = !goal
    ? "Nobody has invited you."
    : {
        ongoing: "You are invited to a private show. Agree?",
        agreed: state.preset === "sd" ? "The show is on: you will be paid." : "You agreed. Start the show to be paid.",
        refused: "You refused. Every viewer will be refunded.",
        expired: "You did not answer in time. Every viewer will be refunded.",
        released: "You were paid.",
        refunded: "Every viewer is refunded.",
      }[goal.state];
  return { title, text, ...countdown(goal, state, null, now) };
}

// When the current state ends, and how many seconds it lasts in all.
function countdown(goal, state, preview) {
  if (goal?.state === "ongoing" || (preview?.ongoing && !goal)) return { until: goal?.exp ?? preview.ongoing.exp, total: 60 };
  if (["agreed", "refused", "expired"].includes(goal?.state)) return { until: goal.exp + state.settle_delay, total: state.settle_delay };
  return { until: null, total: 0 };
}
