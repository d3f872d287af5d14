// A WebSocket server that says everything back. It prints its port, and serves until stdin ends.
// node websocket-server.mjs [KEY CERTIFICATE]
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { WebSocketServer } from "ws";

const [key, cert] = process.argv.slice(2).map((path) => readFileSync(path));
const server = key ? https.createServer({ key, cert }) : http.createServer();
const sockets = new WebSocketServer({ server, maxPayload: 64 << 20,
  handleProtocols: (offered) => (offered.has("chat") ? "chat" : false) });

sockets.on("connection", (socket, request) => {
  socket.send(JSON.stringify({ path: request.url, headers: request.rawHeaders }));
  socket.on("message", (data, binary) => socket.send(data, { binary }));
  socket.on("close", (code, reason) => console.log(`closed ${code} ${reason}`));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
