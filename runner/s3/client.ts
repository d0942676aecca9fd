/** A bucket over HTTP: each method is a request, or a few. Commands load this, and the S3 library with it, when they need it. */
import { createHash } from 'node:crypto'
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
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { BuildStackError } from '../errors.ts'
import { Connection, codeOf, statusOf } from './connection.ts'
import { storeFailure } from './failure.ts'
import { putHeaders } from './leanPut.ts'
import type {
  BucketAcl,
  FoundObject,
  GetOptions,
  Guard,
  ListedObject,
  ListedVersion,
  ObjectHead,
  ObjectStore,
  PutOptions,
  StoreSettings,
  UploadedPart,
} from './objectStore.ts'
import { bare, decoded, headOf, written } from './wire.ts'

const KEYS_A_REMOVAL = 1000

/** Connects with the first request. @throws CONFIG for a "ca" that cannot be read. */
export function openStore(settings: StoreSettings): ObjectStore {
  return new S3Store(settings)
}

class S3Store extends Connection implements ObjectStore {
  async *list(prefix: string): AsyncIterable<ListedObject[]> {
    let after: string | undefined
    do {
      const page = await this.ask(undefined, () =>
        this.client.send(
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
      const page = await this.ask(undefined, () =>
        this.client.send(
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
      const answer = await this.client.send(
        new HeadObjectCommand({ ...this.at(key), ...(version === undefined ? {} : { VersionId: version }) }),
      )
      return headOf(key, answer)
    } catch (error) {
      // An answer to HEAD has no body: whether the bucket or the object lacks, the next listing says.
      if (statusOf(error) === 404) return undefined
      throw await this.failure(error, key)
    }
  }

  get(key: string, options: GetOptions = {}): Promise<FoundObject> {
    return this.ask(key, () => this.fetched(key, options))
  }

  async find(key: string, options: GetOptions = {}): Promise<FoundObject | undefined> {
    try {
      return await this.fetched(key, options)
    } catch (error) {
      if (codeOf(error) === 'NoSuchKey') return undefined
      throw await this.failure(error, key)
    }
  }

  protected async fetched(key: string, { version, from, etag, signal }: GetOptions): Promise<FoundObject> {
    const answer = await this.client.send(
      new GetObjectCommand({
        ...this.at(key),
        ...(version === undefined ? {} : { VersionId: version }),
        ...(from ? { Range: `bytes=${from}-`, IfMatch: `"${etag}"` } : {}),
      }),
      { ...(signal ? { abortSignal: signal } : {}) },
    )
    return { head: headOf(key, answer), body: answer.Body as Readable }
  }

  async put(key: string, body: Buffer, options: PutOptions): Promise<string> {
    const md5 = createHash('md5').update(body).digest('base64')
    const [words, condition] = [written(options), this.condition(options.guard)]
    const etag = await this.lean?.put(key, body, putHeaders(words, condition, md5), {
      'x-id': 'PutObject',
    })
    if (etag !== undefined) return bare(etag)
    const answer = await this.guarded(key, () =>
      this.client.send(
        new PutObjectCommand({
          ...this.at(key),
          ...words,
          ...condition,
          Body: body,
          ContentMD5: md5,
        }),
      ),
    )
    return bare(answer.ETag)
  }

  async rewrite(key: string, etag: string, options: PutOptions): Promise<string> {
    const answer = await this.guarded(key, () =>
      this.client.send(
        new CopyObjectCommand({
          ...this.at(key),
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
    for (const key of odd) await this.ask(key, () => this.client.send(new DeleteObjectCommand(this.at(key))))
    for (let i = 0; i < plain.length; i += KEYS_A_REMOVAL) {
      const some = plain.slice(i, i + KEYS_A_REMOVAL)
      const answer = await this.ask(undefined, () =>
        this.client.send(
          new DeleteObjectsCommand({
            Bucket: this.bucket,
            Delete: { Quiet: true, Objects: some.map((Key) => ({ Key })) },
          }),
        ),
      )
      const [error] = answer.Errors ?? []
      if (error) {
        const said = { code: error.Code ?? 'error', status: 200, message: error.Message ?? '' }
        throw storeFailure(said, { ...(await this.place()), key: error.Key })
      }
    }
  }

  async beginUpload(key: string, options: PutOptions): Promise<string> {
    const answer = await this.ask(key, () =>
      this.client.send(new CreateMultipartUploadCommand({ ...this.at(key), ...written(options) })),
    )
    return answer.UploadId as string
  }

  async putPart(key: string, upload: string, number: number, body: Buffer, md5: Buffer): Promise<string> {
    const ContentMD5 = md5.toString('base64')
    const query = { 'x-id': 'UploadPart', partNumber: String(number), uploadId: upload }
    const etag = await this.lean?.put(key, body, { 'content-md5': ContentMD5 }, query)
    if (etag !== undefined) return bare(etag)
    const answer = await this.ask(key, () =>
      this.client.send(
        new UploadPartCommand({
          ...this.at(key),
          UploadId: upload,
          PartNumber: number,
          Body: body,
          ContentMD5,
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
        const page = await this.client.send(
          new ListPartsCommand({ ...this.at(key), UploadId: upload, PartNumberMarker: after }),
        )
        for (const { PartNumber, ETag, Size } of page.Parts ?? [])
          parts.push({ number: PartNumber ?? 0, etag: bare(ETag), size: Size ?? 0 })
        after = page.IsTruncated ? page.NextPartNumberMarker : undefined
      } while (after !== undefined)
      return parts
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw await this.failure(error, key)
    }
  }

  async completeUpload(key: string, upload: string, parts: UploadedPart[], guard: Guard | undefined) {
    await this.guarded(key, () =>
      this.client.send(
        new CompleteMultipartUploadCommand({
          ...this.at(key),
          ...this.condition(guard),
          UploadId: upload,
          MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
        }),
      ),
    )
  }

  async abortUpload(key: string, upload: string): Promise<void> {
    try {
      await this.client.send(new AbortMultipartUploadCommand({ ...this.at(key), UploadId: upload }))
    } catch (error) {
      if (statusOf(error) !== 404) throw await this.failure(error, key)
    }
  }

  async createBucket(acl: BucketAcl | undefined): Promise<void> {
    try {
      await this.client.send(new CreateBucketCommand({ Bucket: this.bucket, ...(acl ? { ACL: acl } : {}) }))
    } catch (error) {
      if (codeOf(error) !== 'BucketAlreadyOwnedByYou') throw await this.failure(error)
    }
  }

  async setBucketAcl(acl: BucketAcl): Promise<void> {
    await this.ask(undefined, () =>
      this.client.send(new PutBucketAclCommand({ Bucket: this.bucket, ACL: acl })),
    )
  }

  #truncated(): BuildStackError {
    return new BuildStackError('STORE', `${this.endpoint} sent a listing of ${this.bucket} without its end`, {
      next: 'Run it again; nothing was changed after that.',
    })
  }
}

function parted<T>(all: T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))]
}
