import { join } from 'node:path'
import { Failure } from '../../packages/cli/src/failure.ts'
import { importProducts } from '../../packages/cli/src/import.ts'
import { memoryOf } from '../../packages/cli/src/memory.ts'
import { localUrl } from '../../packages/cli/src/stack.ts'
import { staffToken } from '../../packages/cli/src/test-tokens.ts'
import { insertPlainDocuments } from '../bare-import.ts'
import { peakMemoryOf } from '../cpu.ts'
import { alone, beside, type Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { writeProductFile } from '../product-file.ts'
import { startServices, untilRouted } from '../services.ts'

const MEBIBYTE = 2 ** 20

/** How fast catalog takes a large product file through the gateway, and in how much memory; each round on an empty store. */
export const imports: Figure = {
  title: 'import of a product file with 1.2 rows a product',
  async run(ground, { ROUNDS, ROWS, BENCH_PORT_BASE }) {
    const rounds: Round[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      rounds.push(await measureRound(ground, ROWS, BENCH_PORT_BASE))
      ground.say(`round ${round}: ${JSON.stringify(rounds.at(-1))}`)
      await ground.clear()
    }
    const of = (figure: keyof Round) => rounds.map(round => round[figure])
    const bare = { what: 'insertMany of as many plain documents', rounds: of('bareRowsPerSecond') }
    const goal = { of: 'measured', least: 2_000 } as const
    return [
      beside(bare, { what: `import of ${ROWS} rows`, unit: 'rows/s', rounds: of('rowsPerSecond'), goal }),
      alone({
        what: 'import: peak memory of catalog (VmHWM)',
        unit: 'MiB',
        rounds: of('peak').map(bytes => bytes / MEBIBYTE),
        goal: { of: 'measured', most: 200 }
      }),
      alone({
        what: 'import: peak memory of catalog (PSS, sampled)',
        unit: 'MiB',
        rounds: of('sampledPeak').map(bytes => bytes / MEBIBYTE)
      })
    ]
  }
}

type Round = { rowsPerSecond: number; bareRowsPerSecond: number; peak: number; sampledPeak: number }

async function measureRound(ground: Ground, rows: number, portBase: number): Promise<Round> {
  const file = join(ground.folder, 'products.csv')
  const products = await writeProductFile(file, rows)
  const running = await startServices(ground, { services: ['gateway', 'catalog'], portBase })
  await untilRouted(running, '/api/v1/catalog/imports')
  const { stack, daemons, storeUrls } = running
  const { pid } = daemons.catalog!.identity
  let sampledPeak = 0
  const start = performance.now()
  const job = await importProducts(file, {
    gateway: localUrl(portBase),
    token: await staffToken(stack),
    currency: 'EUR',
    progress: () => {
      sampledPeak = Math.max(sampledPeak, memoryOf(pid)?.bytes ?? 0)
    }
  })
  const seconds = (performance.now() - start) / 1_000
  if (job.state !== 'done' || job.products !== products || job.errors.length > 0) {
    throw new Failure(`of ${products} products the import took others: ${JSON.stringify(job).slice(0, 1_000)}`)
  }
  const bareSeconds = await insertPlainDocuments(storeUrls.catalog!, products)
  return {
    rowsPerSecond: rows / seconds,
    bareRowsPerSecond: rows / bareSeconds,
    peak: peakMemoryOf(pid),
    sampledPeak
  }
}
