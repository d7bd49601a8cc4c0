import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The limit of one call (ms). */
const OPENSSL_LIMIT = 30_000
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Makes a self-signed certificate and its key, both PEM. `names` is a `subjectAltName`, `days` how long it is valid. Rejects if openssl fails. */
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
