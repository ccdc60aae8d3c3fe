// Ask at a steady rate, whether answers come or not: LOADTEST URL WHAT RATE SECONDS FIRST.
// Prints what came of it as JSON, times in milliseconds.

const [library, url, what, rate, seconds, first] = process.argv.slice(2);
const { loadTest } = await import(library);
const taken = [];
let failed = 0;
let number = Number(first);

function isbn() {
  const digits = `978${String(number++).padStart(9, "0")}`;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 3 : 1), 0);
  return digits + ((10 - (sum % 10)) % 10);
}

function register(_options, params, request, answered) {
  const body = JSON.stringify({ isbn: isbn(), title: `Title ${number}`, author: "A" });
  const headers = { "content-type": "application/json", "content-length": body.length };
  const sent = request({ ...params, headers: { ...params.headers, ...headers } }, answered);
  sent.write(body);
  return sent;
}

function noted(error, result) {
  if (error || result.statusCode >= 300) failed += 1;
  else taken.push(result.requestElapsed);
}

const registering = { url: `${url}/books`, method: "POST", requestGenerator: register };
const found = await loadTest({
  ...(what === "register" ? registering : { url: `${url}/books?limit=20` }),
  requestsPerSecond: Number(rate),
  maxSeconds: Number(seconds),
  agentKeepAlive: true,
  statusCallback: noted,
  quiet: true,
});
taken.sort((one, other) => one - other);
const percentile = (part) => taken[Math.floor(part * taken.length)] ?? 1000 * seconds;
const answered = taken.length / found.elapsedSeconds;
console.log(JSON.stringify({ p50: percentile(0.5), p99: percentile(0.99), answered, failed }));
process.exit(0);
