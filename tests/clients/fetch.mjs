// Asks for URL by the client named. It prints status, body, and how often it tried.
// node fetch.mjs http|got|axios|axios-retry|fetch URL [PROXY]
import http from "node:http";
import https from "node:https";
import axios from "axios";
import axiosRetry from "axios-retry";
import got from "got";
import createAgent from "https-proxy-agent";

const [name, url, proxy] = process.argv.slice(2);
const agent = proxy ? createAgent(proxy) : undefined;
let retries = 0;

function byHttp() {
  return new Promise((resolve, reject) => {
    (url.startsWith("https:") ? https : http).get(url, { agent }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, body: String(Buffer.concat(chunks)),
        trailers: answer.trailers }));
      answer.on("error", reject);
    }).on("error", reject);
  });
}

async function byGot() {
  const answer = await got(url, {
    agent: { https: agent },
    retry: { limit: 3, calculateDelay: ({ computedValue }) => (computedValue ? 10 : 0) },
    throwHttpErrors: false,
    hooks: { beforeRetry: [() => { retries += 1; }] },
  });
  return { status: answer.statusCode, body: answer.body };
}

async function byAxios(retrying) {
  const client = axios.create({ httpsAgent: agent, proxy: false, responseType: "text",
    transformResponse: (body) => body, ...(retrying ? {} : { validateStatus: () => true }) });
  if (retrying)
    axiosRetry(client, { retries: 3, onRetry: () => { retries += 1; } });
  const answer = await client.get(url);
  return { status: answer.status, body: answer.data };
}

async function byFetch() {
  const answer = await fetch(url);
  return { status: answer.status, body: await answer.text() };
}

const ways = { http: byHttp, got: byGot, axios: () => byAxios(false),
  "axios-retry": () => byAxios(true), fetch: byFetch };

try {
  console.log(JSON.stringify({ ...await ways[name](), retries }));
} catch (error) {
  console.log(JSON.stringify({ error: error.code ?? error.name, retries,
    cause: error.cause?.code, status: error.response?.status }));
}
