// Asks a base URL once, by the client named, as it retries by default or by its one setting here. It
// prints success or failure, and ends with 0 or 1.
// node retrying.mjs aws|got|ky|axios-retry|axios-retry-exponential|undici|p-retry|cockatiel|fetch URL
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import axios from "axios";
import axiosRetry from "axios-retry";
import { ExponentialBackoff, handleAll, retry } from "cockatiel";
import got from "got";
import ky from "ky";
import pRetry from "p-retry";
import { Agent, RetryAgent, request } from "undici";

const [name, url] = process.argv.slice(2);

async function byFetch() {
  const answer = await fetch(url);
  if (!answer.ok)
    throw new Error(`${answer.status}`);
  return answer.text();
}

function byAws() {
  return new DynamoDBClient({ endpoint: url, region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" } }).send(new ListTablesCommand({}));
}

function byAxios(setting) {
  const client = axios.create({ proxy: false });
  axiosRetry(client, { retries: 3, ...setting });
  return client.get(url);
}

// By default five retries; three say as much, in less time.
async function byUndici() {
  const answer = await request(url, { dispatcher: new RetryAgent(new Agent(), { maxRetries: 3 }) });
  if (answer.statusCode >= 400)
    throw new Error(`${answer.statusCode}`);
  return answer.body.text();
}

const ways = {
  aws: byAws,
  got: () => got(url),
  ky: () => ky(url).text(),
  "axios-retry": () => byAxios({}),
  "axios-retry-exponential": () => byAxios({ retryDelay: axiosRetry.exponentialDelay }),
  undici: byUndici,
  "p-retry": () => pRetry(byFetch, { retries: 3 }),
  cockatiel: () => retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() }).execute(byFetch),
  fetch: byFetch,
};

try {
  await ways[name]();
  console.log("success");
  process.exit(0);
} catch (error) {
  console.log(`failure: ${error}`);
  process.exit(1);
}
