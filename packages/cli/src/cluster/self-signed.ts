import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Milliseconds. */
const OPENSSL_LIMIT = 30_000
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A certificate that is signed by itself, good for so many `days`, and its key: both PEM. `names` as in `subjectAltName`. Rejects where openssl does not make it. */
export async function selfSigned(names: string, days: number): Promise<{ certificate: string; key: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-'))
  const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')]
  const subject = ['-subj', '/CN=bulkhead', '-addext', `subjectAltName=${names}`]
  const form = [...CURVE, '-days', String(days), ...subject, '-keyout', key, '-out', certificate]
  try {
    await promisify(execFile)('openssl', ['req', '-x509', ...form], { timeout: OPENSSL_LIMIT })
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
