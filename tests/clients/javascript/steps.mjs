// What a job does with the AWS SDK for JavaScript: prints one line of JSON for each step.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { fromTokenFile } from "@aws-sdk/credential-providers";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const { BUCKET: Bucket, KEYS: keys } = process.env;
const common = { forcePathStyle: true, credentials: fromTokenFile() };
const client = new S3Client(common);
const careful = new S3Client({
  ...common,
  requestChecksumCalculation: "WHEN_REQUIRED",
  responseChecksumValidation: "WHEN_REQUIRED",
});
const MIB = 1024 * 1024;
const noise = Buffer.alloc(12 * MIB).map((_, at) => (at * 7 + (at >> 8)) & 255);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const body = async (key, via = client) =>
  (await via.send(new GetObjectCommand({ Bucket, Key: key }))).Body.transformToByteArray();
const roundTrip = async (key, Body, more = {}, via = client) => {
  await via.send(new PutObjectCommand({ Bucket, Key: key, Body, ...more }));
  return sha256(await body(key, via));
};
const refusal = async (doing) => {
  try {
    await doing;
  } catch (error) {
    return error.name;
  }
  return "done";
};

const steps = {
  async put_and_get() {
    return roundTrip(`${keys}put`, noise.subarray(0, 300_000));
  },
  async put_as_required() {
    return roundTrip(`${keys}required`, noise.subarray(0, 300_000), {}, careful);
  },
  async put_each_checksum() {
    const found = {};
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
      const key = `${keys}${ChecksumAlgorithm}`;
      found[ChecksumAlgorithm] = await roundTrip(key, noise.subarray(0, 100_000), {
        ChecksumAlgorithm,
      });
    }
    return found;
  },
  async put_a_stream() {
    const Body = Readable.from([noise.subarray(0, 100_000), noise.subarray(100_000, 300_000)]);
    return roundTrip(`${keys}stream`, Body, { ContentLength: 300_000 });
  },
  async upload_in_parts() {
    const Key = `${keys}parts`;
    const Body = Readable.from([noise.subarray(0, 5 * MIB), noise.subarray(5 * MIB)]);
    await new Upload({ client, params: { Bucket, Key, Body }, partSize: 5 * MIB }).done();
    return sha256(await body(Key));
  },
  async abort_an_upload() {
    const at = { Bucket, Key: `${keys}aborted` };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
    return refusal(client.send(new ListPartsCommand({ ...at, UploadId })));
  },
  async presigned_links() {
    const at = { Bucket, Key: `${keys}presigned` };
    const put = async (via) => {
      const link = await getSignedUrl(via, new PutObjectCommand(at), { expiresIn: 600 });
      return (await fetch(link, { method: "PUT", body: "by a link" })).status;
    };
    // With its defaults the SDK signs the checksum of no bytes at all.
    const statuses = [await put(client), await put(careful)];
    const get = await getSignedUrl(client, new GetObjectCommand(at), { expiresIn: 600 });
    const moved = await fetch(get.replace("presigned?", "put?"));
    return [...statuses, await (await fetch(get)).text(), moved.status];
  },
  async presigned_form() {
    const Key = `${keys}form`;
    const Conditions = [["content-length-range", 1, 100]];
    const post = async (file) => {
      const { url, fields } = await createPresignedPost(client, { Bucket, Key, Conditions });
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append("file", new Blob([file]), "a.txt");
      return (await fetch(url, { method: "POST", body: form })).status;
    };
    const statuses = [await post("by a form"), await post("x".repeat(101))];
    return [...statuses, Buffer.from(await body(Key)).toString()];
  },
  async list_page_by_page() {
    const input = { Bucket, Prefix: `${keys}`, Delimiter: "/" };
    const found = [];
    for await (const page of paginateListObjectsV2({ client, pageSize: 3 }, input)) {
      found.push(...(page.Contents ?? []).map(({ Key }) => Key.slice(keys.length)));
    }
    return found;
  },
  async copy_and_delete() {
    const Key = `${keys}copied é+%`;
    const CopySource = encodeURIComponent(`${Bucket}/${keys}form`);
    await client.send(new CopyObjectCommand({ Bucket, Key, CopySource }));
    const Delete = { Objects: [{ Key }, { Key: "elsewhere/x" }] };
    const done = await client.send(new DeleteObjectsCommand({ Bucket, Delete }));
    return [done.Deleted.map((one) => one.Key), done.Errors.map((one) => [one.Key, one.Code])];
  },
  async conditions() {
    const at = { Bucket, Key: `${keys}put` };
    const head = await client.send(new HeadObjectCommand(at));
    const again = new PutObjectCommand({ ...at, Body: "x", IfNoneMatch: "*" });
    const same = new GetObjectCommand({ ...at, IfNoneMatch: head.ETag });
    const part = await client.send(new GetObjectCommand({ ...at, Range: "bytes=0-9" }));
    return [
      await refusal(client.send(again)),
      await client.send(same).catch((error) => error.$metadata.httpStatusCode),
      part.ContentRange,
    ];
  },
  async another_prefix() {
    const at = { Bucket, Key: "elsewhere/javascript" };
    return [
      await refusal(client.send(new PutObjectCommand({ ...at, Body: "x" }))),
      await refusal(client.send(new GetObjectCommand(at))),
    ];
  },
};

for (const [name, step] of Object.entries(steps)) {
  const result = await step().catch((error) => `${error.name}: ${error.message}`);
  console.log(JSON.stringify({ step: name, result }));
}
