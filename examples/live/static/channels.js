// Listens through Pusher or server-sent events. Calls `heard` for each event, and `ready` when all channels are (back) up.

export function listen({ channels, pusher }, base, { heard, ready, lost }) {
  const once = firstTimes();
  const tell = (event, channel, payload) => once(payload.event_id) && heard(event, channel, payload);
  (pusher ? throughPusher : throughEvents)({ channels, pusher, base, tell, ready, lost });
}

// An event comes on several channels, and sometimes twice (D25).
function firstTimes() {
  const known = new Set();
  return (id) => !known.has(id) && known.add(id);
}

function throughPusher({ channels, pusher, base, tell, ready, lost }) {
  const client = new Pusher(pusher.key, {
    cluster: "x", // required, but not used
    wsHost: pusher.wsHost,
    wsPort: pusher.wsPort,
    forceTLS: false,
    enabledTransports: ["ws"],
    activityTimeout: 10000,
    pongTimeout: 3000,
    channelAuthorization: { endpoint: `${base}pusher/auth`, transport: "ajax" },
  });
  const waiting = new Set(channels);
  for (const name of channels) {
    const channel = client.subscribe(name);
    channel.bind("pusher:subscription_succeeded", () => {
      waiting.delete(name);
      if (waiting.size === 0) ready();
    });
    channel.bind_global((event, payload) => {
      if (!event.startsWith("pusher:") && payload) tell(event, name, payload);
    });
  }
  client.connection.bind("state_change", ({ current }) => {
    if (current === "connected") return;
    channels.forEach((name) => waiting.add(name));
    lost();
  });
  // By default it would wait for 16 s, then for 46 s.
  client.connection.bind("unavailable", () => {
    client.disconnect();
    setTimeout(() => client.connect(), 500);
  });
}

function throughEvents({ channels, base, tell, ready, lost }) {
  const query = new URLSearchParams(channels.map((name) => ["channel", name]));
  const source = new EventSource(`${base}events?${query}`);
  source.onopen = ready;
  source.onerror = () => {
    lost();
    if (source.readyState === EventSource.CLOSED) setTimeout(() => throughEvents({ channels, base, tell, ready, lost }), 500);
  };
  source.onmessage = ({ data }) => {
    const { event, channel, payload } = JSON.parse(data);
    tell(event, channel, payload);
  };
}
