// Puts and gets items by the AWS SDK, through a proxy. It prints what came back.
// node dynamodb.mjs ENDPOINT PROXY TABLE ITEMS
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand, ScanCommand }
  from "@aws-sdk/client-dynamodb";
import createAgent from "https-proxy-agent";

const [endpoint, proxy, TableName, items] = process.argv.slice(2);
const client = new DynamoDBClient({
  endpoint,
  region: "eu-central-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  requestHandler: proxy ? { httpsAgent: createAgent({ ...proxyOptions(proxy) }) } : undefined,
});
let attempts = 0;

function proxyOptions(url) {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), keepAlive: true };
}

client.middlewareStack.add((next) => (request) => {
  attempts += 1;
  return next(request);
}, { step: "deserialize" });

try {
  await client.send(new CreateTableCommand({
    TableName,
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  }));
  for (let id = 0; id < Number(items); id += 1)
    await client.send(new PutItemCommand({
      TableName,
      Item: { id: { N: String(id) }, text: { S: `caf\u00e9 ${"x".repeat(id * 100)}` } },
    }));
  const one = await client.send(new GetItemCommand({ TableName, Key: { id: { N: "1" } } }));
  const all = await client.send(new ScanCommand({ TableName }));
  console.log(JSON.stringify({ text: one.Item.text.S, count: all.Count, attempts }));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, attempts }));
}
