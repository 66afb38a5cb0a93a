/**
 * Values by route, method and status, each made at its first use.
 * Three lookups, because one key joined from the three would cost more than they do.
 */
export class SeriesMap<T> {
  readonly #make: (method: string, route: string, status: number) => T
  readonly #byRoute = new Map<string, Map<string, T[]>>()

  constructor(make: (method: string, route: string, status: number) => T) {
    this.#make = make
  }

  get(method: string, route: string, status: number): T {
    return this.#byRoute.get(route)?.get(method)?.[status] ?? this.#add(method, route, status)
  }

  #add(method: string, route: string, status: number): T {
    const ofRoute = this.#byRoute.get(route) ?? new Map<string, T[]>()
    const ofMethod = ofRoute.get(method) ?? []
    const value = this.#make(method, route, status)
    ofMethod[status] = value
    this.#byRoute.set(route, ofRoute.set(method, ofMethod))
    return value
  }
}
