// Talks to a WebSocket server that says everything back; prints what it saw.
// node websocket.mjs URL [PROXY]
import { createHash } from "node:crypto";
import createAgent from "https-proxy-agent";
import WebSocket from "ws";

const [url, proxy] = process.argv.slice(2);
const socket = new WebSocket(url, "chat", { agent: proxy ? createAgent(proxy) : undefined });
const large = Buffer.alloc(5 << 20, "panne");
const seen = { echoes: 0 };

socket.on("open", () => {
  seen.protocol = socket.protocol;
  for (let number = 0; number < 100; number += 1)
    socket.send(`message ${number}`);
  socket.send(large);
});
socket.on("message", (data, binary) => {
  if (!seen.greeting) {
    seen.greeting = JSON.parse(String(data));
  } else if (!binary) {
    seen.inOrder = (seen.inOrder ?? true) && String(data) === `message ${seen.echoes}`;
    seen.echoes += 1;
  } else {
    const sum = (bytes) => createHash("sha1").update(bytes).digest("hex");
    seen.same = sum(data) === sum(large);
    socket.ping("are you there");
  }
});
socket.on("pong", (data) => {
  seen.pong = String(data);
  socket.close(4001, "enough");
});
socket.on("error", (error) => { seen.error = error.message; });
socket.on("close", (code, reason) => {
  console.log(JSON.stringify({ ...seen, code, reason: String(reason) }));
});
