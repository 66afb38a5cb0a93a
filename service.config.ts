/** What is particular to one service. `make rename` rewrites the names; the rest of the repository reads or is generated from it. */
export interface ServiceConfig {
  /**
   * Name of the image, the namespace, the Deployment, the `job` label, the rule groups and the binary; prefix of the
   * dashboards' uids and of `NAME_CACHE`, the variable of the folder of programs. `make rename NAME=…` changes it everywhere.
   */
  readonly name: string
  /** Name for people, in dashboards, Swagger UI and reports. */
  readonly title: string
  /** One sentence: in the OpenAPI document, in `--help`, in package.json and on the image. */
  readonly description: string
  /**
   * Address of the repository, without a slash at its end. Alerts link to their runbooks in it, see `documentUrl`.
   * A host below `.example` never resolves (RFC 2606).
   */
  readonly repository: string
  /** Address of Grafana for the links in alerts. The default is where `make forward` and `tilt up` forward it. */
  readonly grafana: string
  /** Address of Prometheus for the links in dashboards. The default is where `make forward` and `tilt up` forward it. */
  readonly prometheus: string
  /**
   * Ports on which the service listens, and those of 127.0.0.1 for its monitoring. The manifests in k8s/ have the service's
   * ports too; a test compares them.
   */
  readonly ports: Readonly<Record<'api' | 'metrics' | 'grafana' | 'prometheus' | 'alertmanager', number>>
  /** The request of the outside probe, of the warm-up before a replica is ready, and of the users in a drill. */
  readonly probe: {
    /** Path that a replica answers at once unless the replica is overloaded. So the time of a probe is the time that clients wait. */
    readonly path: string
    /** Statuses of a right answer. Any other status, and no answer, count as unavailable. */
    readonly statuses: readonly number[]
  }
  readonly load: LoadConfig
  /** Path of its program, which the local platform runs; from the root of the repository, as the next ones. */
  readonly entry: string
  /** Folder with a runbook for each of its own alerts, and module that exports them as `OWN_MONITORING`. Default: it has none. */
  readonly monitoring?: { readonly runbooks: string; readonly module: string }
  /** Module that exports as `OWN_CAUSES` what must make its own alerts fire on the local platform; see `make drill`. */
  readonly causes?: string
}

/** What the load scenarios ask for. */
interface LoadConfig {
  /** Route of the requests, as a name without parameters: k6 would make series for each path. */
  readonly route: string
  /**
   * A request of the load.
   * @param cost CPU time that it takes, see COST in the help of `make load`
   * @param random 32-bit integer that the seed and the iteration determine
   */
  readonly request: (cost: Cost, random: number) => LoadRequest
  /** Default rates in requests per second: one that one replica carries, one for hours, one that is too much, and the end of a rising one. */
  readonly rates: Readonly<Record<'steady' | 'soak' | 'peak' | 'breakpoint', number>>
  /**
   * Number of concurrent clients with which a drill measures the capacity of one replica. The number is higher than the number
   * of requests on which a replica works at a time, and so low that the 95th percentile of latency meets the objective.
   */
  readonly clients: number
  /** Requests of the scenario `smoke`: path, status, and a part of the body. */
  readonly smoke: readonly (readonly [path: string, status: number, text: string])[]
}

/** Costs of a request, the default first. */
export const COSTS = ['heavy', 'medium', 'light'] as const
export type Cost = (typeof COSTS)[number]

/** A request of the load, and its right answer. */
export interface LoadRequest {
  /** Default: GET. */
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** Sent as JSON. */
  readonly body?: object
  /** Body of the right answer; its status is 200. */
  readonly answer: string
}

/**
 * Numbers to factorise, by cost. All are primes, which need every division. A heavy input, just below 2.5 × 10^13, takes 1.7
 * million divisions, 3 to 6 ms of CPU; medium takes a third, light a tenth. Costlier inputs would miss the latency objective
 * long before a replica (0.3 cores) is saturated: requests arrive at random, and ten of them queue.
 */
const PRIMES: Readonly<Record<Cost, readonly number[]>> = {
  heavy: [24_999_999_999_983, 24_999_999_999_973, 24_999_999_999_967, 24_999_999_999_943, 24_999_999_999_899],
  medium: [2_777_777_777_741, 2_777_777_777_717, 2_777_777_777_713, 2_777_777_777_699, 2_777_777_777_693],
  light: [249_999_999_973, 249_999_999_947, 249_999_999_911, 249_999_999_871, 249_999_999_857],
}

function primeRequest(cost: Cost, random: number): LoadRequest {
  const n = PRIMES[cost][random % PRIMES[cost].length]
  return { path: `/factors/${n}`, answer: JSON.stringify({ n, prime: true, factors: [{ prime: n, exponent: 1 }] }) }
}

/**
 * The service of this repository. Its objectives are in monitoring/objectives.ts, and the metrics that it exports in
 * src/telemetry/catalogue.ts; the latency objective is a bucket bound of that catalogue.
 */
export const SERVICE_CONFIG: ServiceConfig = {
  name: 'tipping-point',
  title: 'Tipping Point',
  description:
    'A small REST service that is observable from its first commit, and the proof that its monitoring works.',
  repository: 'https://tipping-point.example',
  grafana: 'http://localhost:3001',
  prometheus: 'http://localhost:9090',
  ports: { api: 3000, metrics: 9464, grafana: 3001, prometheus: 9090, alertmanager: 9093 },
  probe: { path: '/factors/97', statuses: [200] },
  load: {
    route: '/factors/{n}',
    request: primeRequest,
    rates: { steady: 20, soak: 15, peak: 150, breakpoint: 200 },
    clients: 6, // measured: with 6 or 8 no replica was idle, with 4 one of 3 sometimes was
    smoke: [
      ['/factors/360', 200, '{"n":360,"prime":false,"factors":[{"prime":2,"exponent":3},'],
      ['/factors/9007199254740991', 200, '{"prime":20394401,"exponent":1}'],
      ['/factors/1', 422, 'problem'],
      ['/factors/1e3', 422, 'problem'],
    ],
  },
  entry: 'src/main.ts',
}

/** The variable of the folder of programs and charts. */
export const CACHE_VARIABLE = `${SERVICE_CONFIG.name.toUpperCase().replaceAll('-', '_')}_CACHE`
