import { join } from 'node:path'
import { importProducts } from '../../packages/cli/src/catalogue/import.ts'
import { Failure } from '../../packages/cli/src/failure.ts'
import { memoryOf } from '../../packages/cli/src/processes/memory.ts'
import { localUrl } from '../../packages/cli/src/services/stack.ts'
import { staffToken } from '../../packages/cli/src/tokens/test-tokens.ts'
import { insertPlainDocuments } from '../baselines/bare-import.ts'
import { peakMemoryOf } from '../load/cpu.ts'
import { comparedRow, type Figure, measuredRow } from '../report/rows.ts'
import { writeProductFile } from '../shop/product-file.ts'
import { startServices, waitUntilRouted } from '../testbed/services.ts'
import type { Testbed } from '../testbed/testbed.ts'

const MEBIBYTE = 2 ** 20

/** The speed and memory of catalog while it imports a large product file through the gateway. Each round starts with an empty store. */
export const imports: Figure = {
  title: 'import of a product file with 1.2 rows a product',
  async run(testbed, { ROUNDS, ROWS, BENCH_PORT_BASE }) {
    const rounds: Round[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      rounds.push(await measureRound(testbed, ROWS, BENCH_PORT_BASE))
      testbed.say(`round ${round}: ${JSON.stringify(rounds.at(-1))}`)
      await testbed.clear()
    }
    const valuesOf = (figure: keyof Round) => rounds.map(round => round[figure])
    const bare = { what: 'insertMany of as many plain documents', rounds: valuesOf('bareRowsPerSecond') }
    const goal = { compare: 'measured', min: 2_000 } as const
    return [
      comparedRow(bare, { what: `import of ${ROWS} rows`, unit: 'rows/s', rounds: valuesOf('rowsPerSecond'), goal }),
      measuredRow({
        what: 'import: peak memory of catalog (VmHWM)',
        unit: 'MiB',
        rounds: valuesOf('peak').map(bytes => bytes / MEBIBYTE),
        goal: { compare: 'measured', max: 200 }
      }),
      measuredRow({
        what: 'import: peak memory of catalog (PSS, sampled)',
        unit: 'MiB',
        rounds: valuesOf('sampledPeak').map(bytes => bytes / MEBIBYTE)
      })
    ]
  }
}

type Round = { rowsPerSecond: number; bareRowsPerSecond: number; peak: number; sampledPeak: number }

async function measureRound(testbed: Testbed, rows: number, portBase: number): Promise<Round> {
  const file = join(testbed.folder, 'products.csv')
  const products = await writeProductFile(file, rows)
  const running = await startServices(testbed, { services: ['gateway', 'catalog'], portBase })
  await waitUntilRouted(running, '/api/v1/catalog/imports')
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
    throw new Failure(
      `the import did not take the ${products} products of the file: ${JSON.stringify(job).slice(0, 1_000)}`
    )
  }
  const bareSeconds = await insertPlainDocuments(storeUrls.catalog!, products)
  return {
    rowsPerSecond: rows / seconds,
    bareRowsPerSecond: rows / bareSeconds,
    peak: peakMemoryOf(pid),
    sampledPeak
  }
}
