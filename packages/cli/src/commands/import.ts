import { describeImport, importProducts } from '../catalogue/import.ts'
import type { Command } from '../command-line/command.ts'
import { progressBar } from '../output/progress-bar.ts'
import { requireMember } from '../runner/run.ts'
import { localUrl } from '../services/stack.ts'
import { demoToken } from '../tokens/tokens.ts'

/** `bulkhead import products FILE` */
export const importCommand: Command = {
  usage: 'import products FILE [--currency EUR] [--json]',
  summary: "import a product file (Shopify's CSV) through the gateway",
  details: `--currency CODE   the currency of the prices (ISO 4217; default: EUR)
--json            print the finished job with all refused rows as JSON

Importing the same file again changes no product, but sets the stock of its SKUs to the file's quantities again. Exits with 1 if a row was
refused; all other rows are imported.`,
  examples: [
    ['bulkhead import products products_export.csv', 'a file from the product export of a Shopify shop'],
    ['bulkhead import products usd.csv --currency USD', 'prices in US dollars']
  ],
  options: { currency: { type: 'string', default: 'EUR' }, json: { type: 'boolean' } },
  async run({ stack, words: [file = ''], options }) {
    requireMember(stack, 'catalog', 'which takes product files')
    const bar = progressBar(process.stderr)
    const job = await importProducts(file, {
      gateway: localUrl(stack.portBase),
      token: demoToken(stack, 'staff'),
      currency: String(options.currency),
      progress: bar.show
    }).finally(bar.clear)
    console.log(options.json ? JSON.stringify(job, undefined, 2) : describeImport(job))
    return job.state === 'done' && job.errorCount === 0 ? 0 : 1
  }
}
