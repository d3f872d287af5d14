// Reads an event stream by EventSource until it ends. It prints what came, by type.
// node events.mjs URL
import EventSource from "eventsource";

const seen = { message: [], debug: [] };
const source = new EventSource(process.argv[2]);

for (const type of Object.keys(seen))
  source.addEventListener(type, (event) => seen[type].push(event.data));
source.onerror = () => { // an end is one, too: it would connect again
  source.close();
  console.log(JSON.stringify(seen));
};
