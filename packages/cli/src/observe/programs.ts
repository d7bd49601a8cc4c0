import { join } from 'node:path'
import type { Program } from '../processes/daemon.ts'
import { requireProgram } from '../processes/system-packages.ts'
import { localUrl, type Stack } from '../services/stack.ts'
import { logsFolder } from '../stores/stores.ts'
import { OBSERVER_FILES, observerOf, observerPorts } from './observer.ts'

const PROBE_LIMIT = 1_000
/** How long Prometheus keeps metrics, and how many bytes of them on disk, whichever is less. */
const RETENTION = { time: '3d', size: '512MB' }

/** Returns the program of Prometheus. It listens only on this machine, and pages of other origins cannot read its answers. */
export function prometheusProgram(stack: Stack): Program {
  const observer = observerOf(stack)
  const { prometheus, view } = observerPorts(stack)
  return {
    name: 'prometheus',
    command: requireProgram('prometheus'),
    args: [
      `--config.file=${join(observer.folder, OBSERVER_FILES.prometheus)}`,
      `--storage.tsdb.path=${join(observer.folder, 'prometheus')}`,
      `--storage.tsdb.retention.time=${RETENTION.time}`,
      `--storage.tsdb.retention.size=${RETENTION.size}`,
      `--web.listen-address=127.0.0.1:${prometheus}`,
      `--web.external-url=${localUrl(prometheus)}`,
      `--web.cors.origin=http://(127\\.0\\.0\\.1|localhost):${view}`,
      '--enable-feature=exemplar-storage',
      '--query.timeout=20s',
      '--query.max-samples=5000000',
      '--log.level=warn'
    ],
    logFile: join(logsFolder(observer), 'prometheus.log'),
    answers: () => isReady(prometheus)
  }
}

/** Returns the program of Alertmanager. It listens only on this machine, and talks to no other Alertmanager. */
export function alertmanagerProgram(stack: Stack): Program {
  const observer = observerOf(stack)
  const { alertmanager } = observerPorts(stack)
  return {
    name: 'alertmanager',
    command: requireProgram('prometheus-alertmanager'),
    args: [
      `--config.file=${join(observer.folder, OBSERVER_FILES.alertmanager)}`,
      `--storage.path=${join(observer.folder, 'alertmanager')}`,
      '--data.retention=72h',
      `--web.listen-address=127.0.0.1:${alertmanager}`,
      `--web.external-url=${localUrl(alertmanager)}`,
      '--cluster.listen-address=',
      '--log.level=warn'
    ],
    logFile: join(logsFolder(observer), 'alertmanager.log'),
    answers: () => isReady(alertmanager)
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`${localUrl(port)}/-/ready`, { signal: AbortSignal.timeout(PROBE_LIMIT) })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    return false
  }
}
