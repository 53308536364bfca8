/** Every figure, and the file that measures it; last what leaves most in the streams. */
const BENCHES = [
  { file: './append.bench.mjs', names: ['append.single', 'append.concurrent'] },
  { file: './freshness.bench.mjs', names: ['freshness.p50_ms', 'freshness.p99_ms'] },
  { file: './projection.bench.mjs', names: ['projection.live'] },
  { file: './parked.bench.mjs', names: ['projection.parked_cpu_us'] },
  {
    file: './federation.bench.mjs',
    names: ['federation.hop_added_p50_ms', 'federation.hop_throughput', 'federation.hop_durable_limit'],
  },
  { file: './anonymous.bench.mjs', names: ['anonymous.operator_refused', 'anonymous.cpu_cores', 'anonymous.rss_added_mb'] },
  { file: './edge.bench.mjs', names: ['edge.frames', 'edge.rss_per_tunnel_kb'] },
];

export const NAMES = BENCHES.flatMap(({ names }) => names);

/** The files that measure what begins with `prefix`, each with the names that are asked of it; none where nothing begins so. */
export const chosen = (prefix) =>
  BENCHES.map(({ file, names }) => ({ file, names: names.filter((name) => name.startsWith(prefix)) })).filter(
    ({ names }) => names.length > 0,
  );
