import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Folders whose files services are made of, below the repository. */
const FOLDERS = ['services', 'packages/chassis']
/** Of those, the files that bundles and contracts read. */
const IS_SOURCE = /^(services\/[^/]+|packages\/chassis)\/(src\/.+|package\.json)$/
/** Milliseconds without another change until a change is reported: editors and git write several files. */
const QUIET = 100

/** The sources that change from now on. */
export type SourceChanges = {
  /** Resolves with the paths that changed since the last call, below the repository, once there are some. Rejects when aborted. */
  next(): Promise<string[]>
}

/**
 * Watches the sources of all services by events of the file system, which costs nothing while nothing changes. Throws where the system
 * has no watch left to give.
 */
export function watchSources(root: string, signal: AbortSignal): SourceChanges {
  const changed = new Set<string>()
  let arrival = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => arrival.reject(signal.reason), { once: true })
  // Nobody may be waiting when it is aborted.
  arrival.promise.catch(() => undefined)

  const note = (folder: string, file: string | null) => {
    const path = join(folder, file ?? '')
    if (!IS_SOURCE.test(path)) return
    changed.add(path)
    arrival.resolve()
  }
  for (const folder of FOLDERS.filter(folder => existsSync(join(root, folder)))) {
    watch(join(root, folder), { recursive: true, signal }, (_event, file) => note(folder, file))
  }

  return {
    async next() {
      await arrival.promise
      for (let seen = 0; seen !== changed.size; ) {
        seen = changed.size
        await delay(QUIET, undefined, { signal })
      }
      const paths = [...changed]
      changed.clear()
      arrival = Promise.withResolvers()
      signal.addEventListener('abort', () => arrival.reject(signal.reason), { once: true })
      arrival.promise.catch(() => undefined)
      return paths
    }
  }
}
