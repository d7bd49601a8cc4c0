/** Work that goes on beside requests. `start` is called once everything is built, `stop` as the process drains. */
type Worker = {
  start?(): void
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<unknown>
}

/** The work of a service beside its requests. */
export type Background = {
  /** Adds a worker: it is started after those before it and stopped before them. */
  add(worker: Worker): void
}

/** Collects workers, starts them in their order and stops them in reverse. */
export function backgroundWork() {
  const workers: Worker[] = []
  return {
    add(worker: Worker) {
      workers.push(worker)
    },
    start() {
      for (const worker of workers) worker.start?.()
    },
    async stop() {
      for (const worker of workers.toReversed()) await worker.stop()
    }
  }
}
