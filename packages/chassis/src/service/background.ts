/** Work outside requests. `start` is called when the whole service is built, `stop` when the process drains. */
type Worker = {
  start?(): void
  /** Resolves when the worker has stopped. */
  stop(): Promise<unknown>
}

/** The workers of a service. */
export type Background = {
  /** Adds a worker. Workers start in the order in which they were added, and stop in reverse order. */
  add(worker: Worker): void
}

/** The workers of a service, for the process that runs it. */
type BackgroundWork = Background & {
  start(): void
  stop(): Promise<void>
}

/** Creates an empty list of workers. */
export function backgroundWork(): BackgroundWork {
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
