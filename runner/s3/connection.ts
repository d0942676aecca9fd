/** The way to an S3 server: credentials, retries, certificates, and what its answers mean. */
import { readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { S3Client } from '@aws-sdk/client-s3'
import { BuildStackError } from '../errors.ts'
import { storeFailure } from './failure.ts'
import { LeanPut } from './leanPut.ts'
import { type Guard, type ObjectStore, Refused, type StoreSettings } from './objectStore.ts'

/** A request that fails is made again so often, later each time: for a minute about. */
const ATTEMPTS = 8
const SILENT_SECONDS = 120
export const CONNECTIONS = 32

export class Connection {
  readonly bucket: string
  conditions: ObjectStore['conditions'] = 'none'
  protected readonly client: S3Client
  /** Where the bucket is in the path of an endpoint's URLs. */
  protected readonly lean: LeanPut | undefined
  protected readonly endpoint: string
  /** Of ~/.aws/credentials. */
  protected readonly section: string | undefined

  /** Connects with the first request. @throws CONFIG for a "ca" that cannot be read. */
  constructor(settings: StoreSettings) {
    this.bucket = settings.bucket
    this.endpoint = settings.endpoint ?? 'Amazon S3'
    this.section = settings.awsProfile ?? process.env.AWS_PROFILE
    // It would tell the user about the library's plans.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
    const { accessKeyId, secretAccessKey } = settings
    const keepAlive = { keepAlive: true, maxSockets: CONNECTIONS }
    this.client = new S3Client({
      ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
      region: settings.region ?? 'us-east-1',
      forcePathStyle: settings.pathStyle ?? settings.endpoint !== undefined,
      ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
      ...(settings.awsProfile ? { profile: settings.awsProfile } : {}),
      maxAttempts: settings.attempts ?? ATTEMPTS,
      // Not every S3-compatible server knows the newer checksums; what is put has its MD5 with it.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      expectContinueHeader: false,
      cacheMiddleware: true,
      requestHandler: {
        connectionTimeout: 10_000,
        // Of silence, not of the whole: a large part on a slow line takes its time.
        socketTimeout: (settings.silentSeconds ?? SILENT_SECONDS) * 1000,
        httpAgent: new HttpAgent(keepAlive),
        httpsAgent: new HttpsAgent({ ...keepAlive, ...certificates(settings.ca) }),
      },
    })
    if (settings.endpoint !== undefined && settings.pathStyle !== false)
      this.lean = new LeanPut(this.client.config, settings.endpoint, settings.bucket)
  }

  close(): void {
    this.client.destroy()
  }

  protected at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: key }
  }

  protected condition(guard: Guard | undefined): { IfMatch?: string; IfNoneMatch?: string } {
    if (guard === undefined || this.conditions === 'none') return {}
    if (guard === 'absent') return { IfNoneMatch: '*' }
    return { IfMatch: this.conditions === 'quoted' ? `"${guard.etag}"` : guard.etag }
  }

  protected async ask<T>(key: string | undefined, request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw await this.failure(error, key)
    }
  }

  /** As `ask`, for a request with a condition. */
  protected async guarded<T>(key: string, request: () => Promise<T>): Promise<T> {
    return this.ask(key, async () => {
      try {
        return await request()
      } catch (error) {
        // The latter: two conditional writes at once.
        if (statusOf(error) === 412 || codeOf(error) === 'ConditionalRequestConflict') throw new Refused()
        throw error
      }
    })
  }

  protected async failure(error: unknown, key?: string): Promise<Error> {
    if (error instanceof Refused || error instanceof BuildStackError) return error
    if ((error as Error).name === 'AbortError') return error as Error
    const status = statusOf(error)
    const code = codeOf(error)
    const message = (error as Error).message
    return storeFailure({ code, status, message }, { ...(await this.place()), key }, error)
  }

  protected async place() {
    const credentials = await this.client.config.credentials().catch(() => undefined)
    const accessKey = credentials?.accessKeyId.slice(0, 4)
    return { bucket: this.bucket, endpoint: this.endpoint, accessKey, section: this.section }
  }
}

export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
}

export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string }
  return code ?? name ?? 'error'
}

function certificates(file: string | undefined): { ca?: Buffer } {
  if (file === undefined) return {}
  try {
    return { ca: readFileSync(file) }
  } catch (error) {
    throw new BuildStackError('CONFIG', `cannot read the certificates ${file}`, { cause: error })
  }
}
