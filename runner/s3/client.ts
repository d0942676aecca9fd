/** A bucket over HTTP. The only file that knows the S3 library; commands load it when they need it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  type DeleteMarkerEntry,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  type ObjectVersion,
  PutBucketAclCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { BuildStackError } from '../errors.ts'
import { storeFailure } from './failure.ts'
import {
  type BucketAcl,
  type GetOptions,
  type Guard,
  type ListedObject,
  type ListedVersion,
  type ObjectHead,
  type ObjectStore,
  type PutOptions,
  Refused,
  type StoreSettings,
  type UploadedPart,
} from './objectStore.ts'

/** A request that fails is made again so often, later each time: for a minute about. */
const ATTEMPTS = 8
export const CONNECTIONS = 32
const KEYS_A_REMOVAL = 1000

/** Connects with the first request. @throws CONFIG for a "ca" that cannot be read. */
export function openStore(settings: StoreSettings): ObjectStore {
  return new S3Store(settings)
}

class S3Store implements ObjectStore {
  readonly bucket: string
  conditions: ObjectStore['conditions'] = 'none'
  readonly #client: S3Client
  readonly #endpoint: string

  constructor(settings: StoreSettings) {
    this.bucket = settings.bucket
    this.#endpoint = settings.endpoint ?? 'Amazon S3'
    // It would tell the user about the library's plans.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
    const { accessKeyId, secretAccessKey } = settings
    const keepAlive = { keepAlive: true, maxSockets: CONNECTIONS }
    this.#client = new S3Client({
      ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
      region: settings.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-east-1',
      forcePathStyle: settings.pathStyle ?? settings.endpoint !== undefined,
      ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
      ...(settings.awsProfile ? { profile: settings.awsProfile } : {}),
      maxAttempts: ATTEMPTS,
      // Not every S3-compatible server knows the newer checksums; what is put has its MD5 with it.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      expectContinueHeader: false,
      cacheMiddleware: true,
      requestHandler: {
        connectionTimeout: 10_000,
        requestTimeout: 120_000,
        httpAgent: new HttpAgent(keepAlive),
        httpsAgent: new HttpsAgent({ ...keepAlive, ...certificates(settings.ca) }),
      },
    })
  }

  close(): void {
    this.#client.destroy()
  }

  async *list(prefix: string): AsyncIterable<ListedObject[]> {
    let after: string | undefined
    do {
      const page = await this.#ask(undefined, () =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.bucket,
            Prefix: prefix,
            // Some keys have characters that XML cannot have.
            EncodingType: 'url',
            ContinuationToken: after,
          }),
        ),
      )
      const objects = (page.Contents ?? []).map(({ Key, ETag, Size, LastModified }) => ({
        key: decoded(Key ?? ''),
        etag: bare(ETag),
        size: Size ?? 0,
        modified: LastModified ?? new Date(0),
      }))
      yield objects
      after = page.IsTruncated ? page.NextContinuationToken : undefined
      if (page.IsTruncated && after === undefined) throw this.#truncated()
    } while (after !== undefined)
  }

  async *versions(prefix: string): AsyncIterable<ListedVersion[]> {
    let after: { KeyMarker: string | undefined; VersionIdMarker: string | undefined } | undefined
    do {
      const page = await this.#ask(undefined, () =>
        this.#client.send(
          new ListObjectVersionsCommand({
            Bucket: this.bucket,
            Prefix: prefix,
            EncodingType: 'url',
            ...after,
          }),
        ),
      )
      const one = (removed: boolean, entry: ObjectVersion | DeleteMarkerEntry): ListedVersion => ({
        key: decoded(entry.Key ?? ''),
        etag: 'ETag' in entry ? bare(entry.ETag) : '',
        size: 'Size' in entry ? (entry.Size ?? 0) : 0,
        modified: entry.LastModified ?? new Date(0),
        version: entry.VersionId ?? 'null',
        removed,
      })
      yield [
        ...(page.Versions ?? []).map((entry) => one(false, entry)),
        ...(page.DeleteMarkers ?? []).map((entry) => one(true, entry)),
      ]
      after = page.IsTruncated
        ? {
            KeyMarker: page.NextKeyMarker === undefined ? undefined : decoded(page.NextKeyMarker),
            VersionIdMarker: page.NextVersionIdMarker,
          }
        : undefined
      if (after && after.KeyMarker === undefined) throw this.#truncated()
    } while (after)
  }

  async head(key: string, version?: string): Promise<ObjectHead | undefined> {
    try {
      const answer = await this.#client.send(
        new HeadObjectCommand({ ...this.#at(key), ...(version === undefined ? {} : { VersionId: version }) }),
      )
      return headOf(key, answer)
    } catch (error) {
      // An answer to HEAD has no body: whether the bucket or the object lacks, the next listing says.
      if (statusOf(error) === 404) return undefined
      throw await this.#failure(error, key)
    }
  }

  async get(key: string, { version, from, etag, signal }: GetOptions = {}) {
    const answer = await this.#ask(key, () =>
      this.#client.send(
        new GetObjectCommand({
          ...this.#at(key),
          ...(version === undefined ? {} : { VersionId: version }),
          ...(from ? { Range: `bytes=${from}-`, IfMatch: `"${etag}"` } : {}),
        }),
        { ...(signal ? { abortSignal: signal } : {}) },
      ),
    )
    return { head: headOf(key, answer), body: answer.Body as Readable }
  }

  async put(key: string, body: Buffer, options: PutOptions): Promise<string> {
    const md5 = createHash('md5').update(body).digest('base64')
    const answer = await this.#guarded(key, () =>
      this.#client.send(
        new PutObjectCommand({
          ...this.#at(key),
          ...written(options),
          ...this.#condition(options.guard),
          Body: body,
          ContentMD5: md5,
        }),
      ),
    )
    return bare(answer.ETag)
  }

  async rewrite(key: string, etag: string, options: PutOptions): Promise<string> {
    const answer = await this.#guarded(key, () =>
      this.#client.send(
        new CopyObjectCommand({
          ...this.#at(key),
          ...written(options),
          CopySource: `${this.bucket}/${encodeURIComponent(key)}`,
          CopySourceIfMatch: `"${etag}"`,
          MetadataDirective: 'REPLACE',
        }),
      ),
    )
    return bare(answer.CopyObjectResult?.ETag)
  }

  async remove(keys: string[]): Promise<void> {
    // XML has no place for some characters: such keys go one by one.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the very characters
    const [odd, plain] = parted(keys, (key) => /[\x00-\x1f\ufffe\uffff]/.test(key))
    for (const key of odd)
      await this.#ask(key, () => this.#client.send(new DeleteObjectCommand(this.#at(key))))
    for (let i = 0; i < plain.length; i += KEYS_A_REMOVAL) {
      const some = plain.slice(i, i + KEYS_A_REMOVAL)
      const answer = await this.#ask(undefined, () =>
        this.#client.send(
          new DeleteObjectsCommand({
            Bucket: this.bucket,
            Delete: { Quiet: true, Objects: some.map((Key) => ({ Key })) },
          }),
        ),
      )
      const [error] = answer.Errors ?? []
      if (error) {
        const said = { code: error.Code ?? 'error', status: 200, message: error.Message ?? '' }
        throw storeFailure(said, { ...(await this.#place()), key: error.Key })
      }
    }
  }

  async beginUpload(key: string, options: PutOptions): Promise<string> {
    const answer = await this.#ask(key, () =>
      this.#client.send(new CreateMultipartUploadCommand({ ...this.#at(key), ...written(options) })),
    )
    return answer.UploadId as string
  }

  async putPart(key: string, upload: string, number: number, body: Buffer, md5: Buffer): Promise<string> {
    const answer = await this.#ask(key, () =>
      this.#client.send(
        new UploadPartCommand({
          ...this.#at(key),
          UploadId: upload,
          PartNumber: number,
          Body: body,
          ContentMD5: md5.toString('base64'),
        }),
      ),
    )
    return bare(answer.ETag)
  }

  async uploadedParts(key: string, upload: string): Promise<UploadedPart[] | undefined> {
    const parts: UploadedPart[] = []
    let after: string | undefined
    try {
      do {
        const page = await this.#client.send(
          new ListPartsCommand({ ...this.#at(key), UploadId: upload, PartNumberMarker: after }),
        )
        for (const { PartNumber, ETag, Size } of page.Parts ?? [])
          parts.push({ number: PartNumber ?? 0, etag: bare(ETag), size: Size ?? 0 })
        after = page.IsTruncated ? page.NextPartNumberMarker : undefined
      } while (after !== undefined)
      return parts
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw await this.#failure(error, key)
    }
  }

  async completeUpload(key: string, upload: string, parts: UploadedPart[], guard: Guard | undefined) {
    await this.#guarded(key, () =>
      this.#client.send(
        new CompleteMultipartUploadCommand({
          ...this.#at(key),
          ...this.#condition(guard),
          UploadId: upload,
          MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
        }),
      ),
    )
  }

  async abortUpload(key: string, upload: string): Promise<void> {
    try {
      await this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: upload }))
    } catch (error) {
      if (statusOf(error) !== 404) throw await this.#failure(error, key)
    }
  }

  async createBucket(acl: BucketAcl | undefined): Promise<void> {
    try {
      await this.#client.send(new CreateBucketCommand({ Bucket: this.bucket, ...(acl ? { ACL: acl } : {}) }))
    } catch (error) {
      if (codeOf(error) !== 'BucketAlreadyOwnedByYou') throw await this.#failure(error)
    }
  }

  async setBucketAcl(acl: BucketAcl): Promise<void> {
    await this.#ask(undefined, () =>
      this.#client.send(new PutBucketAclCommand({ Bucket: this.bucket, ACL: acl })),
    )
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: key }
  }

  #condition(guard: Guard | undefined): { IfMatch?: string; IfNoneMatch?: string } {
    if (guard === undefined || this.conditions === 'none') return {}
    if (guard === 'absent') return { IfNoneMatch: '*' }
    return { IfMatch: this.conditions === 'quoted' ? `"${guard.etag}"` : guard.etag }
  }

  async #ask<T>(key: string | undefined, request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw await this.#failure(error, key)
    }
  }

  async #guarded<T>(key: string, request: () => Promise<T>): Promise<T> {
    return this.#ask(key, async () => {
      try {
        return await request()
      } catch (error) {
        // 409: two conditional writes at once.
        if (statusOf(error) === 412 || codeOf(error) === 'ConditionalRequestConflict') throw new Refused()
        throw error
      }
    })
  }

  async #failure(error: unknown, key?: string): Promise<Error> {
    if (error instanceof Refused || error instanceof BuildStackError) return error
    if ((error as Error).name === 'AbortError') return error as Error
    const status = statusOf(error)
    const code = codeOf(error)
    const message = (error as Error).message
    return storeFailure({ code, status, message }, { ...(await this.#place()), key }, error)
  }

  async #place() {
    const credentials = await this.#client.config.credentials().catch(() => undefined)
    const accessKey = credentials?.accessKeyId.slice(0, 4)
    return { bucket: this.bucket, endpoint: this.#endpoint, accessKey }
  }

  #truncated(): BuildStackError {
    return new BuildStackError(
      'STORE',
      `${this.#endpoint} sent a listing of ${this.bucket} without its end`,
      {
        next: 'Run it again; nothing was changed after that.',
      },
    )
  }
}

function written({ headers = {}, metadata, acl }: PutOptions) {
  return {
    Metadata: metadata,
    ...(acl ? { ACL: acl } : {}),
    ...(headers.contentType ? { ContentType: headers.contentType } : {}),
    ...(headers.contentEncoding ? { ContentEncoding: headers.contentEncoding } : {}),
    ...(headers.cacheControl ? { CacheControl: headers.cacheControl } : {}),
    ...(headers.expires ? { Expires: headers.expires } : {}),
  }
}

interface HeadAnswer {
  ETag?: string | undefined
  ContentLength?: number | undefined
  LastModified?: Date | undefined
  ContentType?: string | undefined
  ContentEncoding?: string | undefined
  CacheControl?: string | undefined
  ExpiresString?: string | undefined
  Metadata?: Record<string, string> | undefined
}

function headOf(key: string, answer: HeadAnswer): ObjectHead {
  const { ExpiresString } = answer
  return {
    key,
    etag: bare(answer.ETag),
    size: answer.ContentLength ?? 0,
    modified: answer.LastModified ?? new Date(0),
    headers: {
      contentType: answer.ContentType,
      contentEncoding: answer.ContentEncoding,
      cacheControl: answer.CacheControl,
      expires: ExpiresString === undefined ? undefined : new Date(ExpiresString),
    },
    metadata: answer.Metadata ?? {},
  }
}

/** "%20" and "+" are both blanks in what a server encodes. */
function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}

function bare(etag = ''): string {
  return etag.replace(/^"|"$/g, '')
}

function parted<T>(all: T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))]
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
}

function codeOf(error: unknown): string {
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
