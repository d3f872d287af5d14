// A DynamoDB of the tests: dynalite over TLS. It prints its port, and serves until stdin ends.
// node dynalite.mjs KEY CERTIFICATE
import { readFileSync } from "node:fs";
import dynalite from "dynalite";

const [key, cert] = process.argv.slice(2).map((path) => readFileSync(path));
const server = dynalite({ ssl: true, key, cert, createTableMs: 0, deleteTableMs: 0 });
let connections = 0;

server.on("secureConnection", () => { connections += 1; });
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => {
  console.log(connections);
  process.exit(0);
});
process.stdin.resume();
