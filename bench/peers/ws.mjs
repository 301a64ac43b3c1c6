// The npm package `ws`: what is said at /publish goes to all others.
//   node ws.mjs PORT each|shared
// `each` calls send() for every client, which frames the text anew; `shared` frames it once and hands it to the sockets.
import { createServer } from "node:http";
import { Sender, WebSocketServer } from "ws";

const [port, way] = process.argv.slice(2);
const http = createServer((request, response) => response.end());
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
const audience = new Set();

const relay = {
  each(data) {
    for (const client of audience) client.send(data, { binary: false });
  },
  shared(data) {
    const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: false };
    const frame = Buffer.concat(Sender.frame(data, options));
    for (const client of audience) client._socket.write(frame);
  },
}[way];

server.on("connection", (client, request) => {
  client.on("error", () => client.terminate());
  if (request.url === "/publish") {
    client.on("message", (data) => relay(data));
  } else {
    audience.add(client);
    client.on("close", () => audience.delete(client));
  }
});
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
