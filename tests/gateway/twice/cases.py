"""The operations that are run twice: straight at the store, and through the gateway.

A case is a name and its steps, in a bucket of its own where its name begins with ``bucket``, else
in the shared one, with keys that begin with the case's name.
"""

import base64
import hashlib
from datetime import UTC, datetime

from gateway.twice.steps import Ref, Step, do

TEXT = b"a sentence of some length, so that ranges have something to cut"
BIG = bytes(range(256)) * 20_480  # 5 MiB, the least that a part may have
MD5 = base64.b64encode(hashlib.md5(TEXT).digest()).decode()
SHA256 = base64.b64encode(hashlib.sha256(TEXT).digest()).decode()
FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
PAST = datetime(2001, 1, 1, tzinfo=UTC)
CORS = {
    "CORSRules": [
        {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["https://a.example"],
         "AllowedHeaders": ["*"], "MaxAgeSeconds": 60}
    ]
}  # fmt: skip
BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
OPEN_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
    '"Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*"}]}'
)
LIFECYCLE = {
    "Rules": [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
    ]
}
TAGS = {"TagSet": [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "a b"}]}


def get(key: str, **more: object) -> Step:
    return do("get_object", Key=key, **more)


def put(key: str, body: bytes = TEXT, **more: object) -> Step:
    return do("put_object", Key=key, Body=body, **more)


def listing(case: str, **more: object) -> Step:
    return do("list_objects_v2", Prefix=f"{case}/", **more)


def keys(case: str, *names: str) -> list[Step]:
    return [put(f"{case}/{name}", b"x") for name in names]


def odd(case: str, name: str) -> list[Step]:
    key = f"{case}/{name}"
    return [put(key), get(key), do("head_object", Key=key), do("delete_object", Key=key), get(key)]


CASES: dict[str, list[Step]] = {
    "put-get": [put("put-get/k"), get("put-get/k"), do("head_object", Key="put-get/k")],
    "empty": [put("empty/k", b""), get("empty/k"), do("head_object", Key="empty/k")],
    "overwrite": [put("overwrite/k", b"one"), put("overwrite/k", b"two"), get("overwrite/k")],
    "metadata": [
        put("metadata/k", Metadata={"one": "1", "two": "b c"}, ContentType="text/x-own",
            CacheControl="no-cache", ContentDisposition="attachment; filename=a.txt",
            ContentEncoding="identity", ContentLanguage="de"),
        get("metadata/k"),
        do("head_object", Key="metadata/k"),
        get("metadata/k", ResponseContentType="text/other", ResponseCacheControl="max-age=1"),
    ],
    "large": [put("large/k", BIG), do("head_object", Key="large/k"), get("large/k")],
    "ranges": [
        put("ranges/k"),
        get("ranges/k", Range="bytes=0-4"),
        get("ranges/k", Range="bytes=10-"),
        get("ranges/k", Range="bytes=-5"),
        get("ranges/k", Range="bytes=5-5"),
        get("ranges/k", Range="bytes=1000-2000"),
        get("ranges/k", Range="bytes=0-100000"),
        get("ranges/k", Range="lines=1-2"),
    ],
    "conditional-get": [
        put("conditional-get/k"),
        get("conditional-get/k", IfMatch=Ref(0, "ETag")),
        get("conditional-get/k", IfMatch='"other"'),
        get("conditional-get/k", IfNoneMatch=Ref(0, "ETag")),
        get("conditional-get/k", IfNoneMatch='"other"'),
        get("conditional-get/k", IfModifiedSince=PAST),
        get("conditional-get/k", IfUnmodifiedSince=PAST),
        do("head_object", Key="conditional-get/k", IfNoneMatch=Ref(0, "ETag")),
    ],
    "conditional-put": [
        put("conditional-put/k", IfNoneMatch="*"),
        put("conditional-put/k", b"other", IfNoneMatch="*"),
        put("conditional-put/k", b"other", IfMatch='"wrong"'),
        put("conditional-put/k", b"third", IfMatch=Ref(0, "ETag")),
        get("conditional-put/k"),
    ],
    "digests": [
        put("digests/md5", ContentMD5=MD5),
        put("digests/bad-md5", ContentMD5=base64.b64encode(b"0" * 16).decode()),
        put("digests/sha256", ChecksumSHA256=SHA256),
        put("digests/bad-sha256", ChecksumSHA256=base64.b64encode(b"0" * 32).decode()),
        put("digests/bad-crc32", ChecksumCRC32="AAAAAA=="),
        put("digests/crc32", ChecksumAlgorithm="CRC32"),
        put("digests/sha1", ChecksumAlgorithm="SHA1"),
        listing("digests"),
    ],
    "absent": [
        get("absent/k"),
        do("head_object", Key="absent/k"),
        do("delete_object", Key="absent/k"),
        do("get_object_tagging", Key="absent/k"),
        do("copy_object", Key="absent/to", CopySource="{bucket}/absent/k"),
        do("head_bucket", Bucket="twice-no-such-bucket"),
        do("list_objects_v2", Bucket="twice-no-such-bucket"),
        do("get_object", Bucket="twice-no-such-bucket", Key="k"),
        do("put_object", Bucket="twice-no-such-bucket", Key="k", Body=b"x"),
        do("delete_bucket", Bucket="twice-no-such-bucket"),
    ],
    "copy": [
        put("copy/from", Metadata={"one": "1"}, ContentType="text/x-own"),
        do("copy_object", Key="copy/to", CopySource="{bucket}/copy/from"),
        get("copy/to"),
        do("copy_object", Key="copy/replaced", CopySource="{bucket}/copy/from",
           MetadataDirective="REPLACE", Metadata={"two": "2"}),
        do("head_object", Key="copy/replaced"),
        do("copy_object", Key="copy/if", CopySource="{bucket}/copy/from",
           CopySourceIfMatch='"wrong"'),
        do("copy_object", Key="copy/odd name+ü", CopySource={"Bucket": "{bucket}",
                                                              "Key": "copy/from"}),
        get("copy/odd name+ü"),
    ],
    "delete": [
        put("delete/k"), do("delete_object", Key="delete/k"), get("delete/k"),
        do("delete_object", Key="delete/k"),
    ],
    "delete-many": [
        *keys("delete-many", "a", "b", "c d", "e+f"),
        do("delete_objects", Delete={"Objects": [{"Key": "delete-many/a"},
                                                 {"Key": "delete-many/c d"},
                                                 {"Key": "delete-many/absent"}]}),
        listing("delete-many"),
        do("delete_objects", Delete={"Objects": [{"Key": "delete-many/b"}], "Quiet": True}),
        listing("delete-many"),
    ],
    "list": [
        *keys("list", "a", "b/1", "b/2", "c/1", "d", "z ü+%&"),
        listing("list"),
        listing("list", Delimiter="/"),
        do("list_objects_v2", Prefix="list/b", Delimiter="/"),
        do("list_objects_v2", Prefix="list/b/", Delimiter="/"),
        listing("list", StartAfter="list/b/1"),
        listing("list", MaxKeys=2),
        listing("list", MaxKeys=2, ContinuationToken=Ref(11, "NextContinuationToken")),
        listing("list", EncodingType="url"),
        listing("list", FetchOwner=True),
        do("list_objects", Prefix="list/"),
        do("list_objects", Prefix="list/", Delimiter="/", MaxKeys=2),
        do("list_objects", Prefix="list/", Marker="list/c/1"),
        do("list_objects_v2", Prefix="list/nothing/"),
        listing("list", MaxKeys=0),
        do("list_object_versions", Prefix="list/"),
    ],
    "tagging": [
        put("tagging/k", Tagging="a=1&b=2%203"),
        do("get_object_tagging", Key="tagging/k"),
        do("head_object", Key="tagging/k"),
        do("put_object_tagging", Key="tagging/k", Tagging=TAGS),
        do("get_object_tagging", Key="tagging/k"),
        do("delete_object_tagging", Key="tagging/k"),
        do("get_object_tagging", Key="tagging/k"),
    ],
    "multipart": [
        do("create_multipart_upload", Key="multipart/k", ContentType="text/x-parts",
           Metadata={"m": "1"}),
        do("upload_part", Key="multipart/k", UploadId=Ref(0, "UploadId"), PartNumber=1, Body=BIG),
        do("upload_part", Key="multipart/k", UploadId=Ref(0, "UploadId"), PartNumber=2, Body=TEXT),
        do("list_parts", Key="multipart/k", UploadId=Ref(0, "UploadId")),
        do("list_multipart_uploads", Prefix="multipart/"),
        do("complete_multipart_upload", Key="multipart/k", UploadId=Ref(0, "UploadId"),
           MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": Ref(1, "ETag")},
                                      {"PartNumber": 2, "ETag": Ref(2, "ETag")}]}),
        do("head_object", Key="multipart/k"),
        get("multipart/k", Range="bytes=5242870-5242890"),
        do("list_parts", Key="multipart/k", UploadId=Ref(0, "UploadId")),
    ],
    "multipart-wrong": [
        do("create_multipart_upload", Key="multipart-wrong/k"),
        do("upload_part", Key="multipart-wrong/k", UploadId=Ref(0, "UploadId"), PartNumber=1,
           Body=TEXT),
        do("complete_multipart_upload", Key="multipart-wrong/k", UploadId=Ref(0, "UploadId"),
           MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": '"wrong"'}]}),
        do("complete_multipart_upload", Key="multipart-wrong/k", UploadId="no-such-upload",
           MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": Ref(1, "ETag")}]}),
        do("abort_multipart_upload", Key="multipart-wrong/k", UploadId=Ref(0, "UploadId")),
        do("upload_part", Key="multipart-wrong/k", UploadId=Ref(0, "UploadId"), PartNumber=1,
           Body=TEXT),
        do("upload_part", Key="multipart-wrong/k", UploadId=Ref(0, "UploadId"), PartNumber=0,
           Body=TEXT),
        get("multipart-wrong/k"),
    ],
    "part-copy": [
        put("part-copy/from", BIG),
        do("create_multipart_upload", Key="part-copy/to"),
        do("upload_part_copy", Key="part-copy/to", UploadId=Ref(1, "UploadId"), PartNumber=1,
           CopySource="{bucket}/part-copy/from"),
        do("upload_part_copy", Key="part-copy/to", UploadId=Ref(1, "UploadId"), PartNumber=2,
           CopySource="{bucket}/part-copy/from", CopySourceRange="bytes=0-99"),
        do("complete_multipart_upload", Key="part-copy/to", UploadId=Ref(1, "UploadId"),
           MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": Ref(2, "CopyPartResult.ETag")},
                                      {"PartNumber": 2, "ETag": Ref(3, "CopyPartResult.ETag")}]}),
        do("head_object", Key="part-copy/to"),
    ],
    "attributes": [
        put("attributes/k", ChecksumAlgorithm="SHA256"),
        do("get_object_attributes", Key="attributes/k", ObjectAttributes=["ETag", "ObjectSize"]),
        do("head_object", Key="attributes/k", ChecksumMode="ENABLED"),
        do("get_object", Key="attributes/k", ChecksumMode="ENABLED"),
    ],
    "acl": [
        put("acl/k"),
        do("get_object_acl", Key="acl/k"),
        do("get_bucket_acl"),
        do("put_object_acl", Key="acl/k", ACL="private"),
    ],
    "odd-blank": odd("odd-blank", "a b"),
    "odd-plus": odd("odd-plus", "a+b"),
    "odd-percent": odd("odd-percent", "100%25 a%2Fb"),
    "odd-unicode": odd("odd-unicode", "ключ-é-e\u0301-日本"),
    "odd-signs": odd("odd-signs", "a!b'c(d)e*f~g_h-i.j:k@l=m,n;o&p$q"),
    "odd-question": odd("odd-question", "what?is#this"),
    "odd-long": odd("odd-long", "x" * 240),
    "odd-deep": odd("odd-deep", "/".join("abcdefghijklmnop")),
    "odd-dots": odd("odd-dots", "a/.hidden/b...c"),
    "odd-trailing-slash": [
        put("odd-trailing-slash/d/", b""), get("odd-trailing-slash/d/"),
        listing("odd-trailing-slash"),
    ],
    "odd-dot-segments": [put("odd-dot-segments/../k"), get("odd-dot-segments/./k")],
    "bucket-life": [
        do("head_bucket"),
        do("get_bucket_location"),
        do("create_bucket"),
        put("k"),
        do("delete_bucket"),
        do("delete_object", Key="k"),
    ],
    "bucket-versions": [
        do("get_bucket_versioning"),
        do("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"}),
        do("get_bucket_versioning"),
        put("k", b"one"),
        put("k", b"two"),
        get("k"),
        get("k", VersionId=Ref(3, "VersionId")),
        do("head_object", Key="k", VersionId=Ref(4, "VersionId")),
        do("list_object_versions"),
        do("delete_object", Key="k"),
        get("k"),
        do("list_object_versions"),
        do("delete_object", Key="k", VersionId=Ref(3, "VersionId")),
        get("k", VersionId=Ref(3, "VersionId")),
        do("copy_object", Key="back",
           CopySource={"Bucket": "{bucket}", "Key": "k", "VersionId": Ref(4, "VersionId")}),
        get("back"),
        do("put_object_tagging", Key="k", VersionId=Ref(4, "VersionId"), Tagging=TAGS),
        do("get_object_tagging", Key="k", VersionId=Ref(4, "VersionId")),
        do("delete_objects", Delete={"Objects": [
            {"Key": "k", "VersionId": Ref(4, "VersionId")}]}),
        do("list_object_versions"),
        do("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}),
        do("get_bucket_versioning"),
    ],
    "bucket-cors": [
        do("get_bucket_cors"),
        do("put_bucket_cors", CORSConfiguration=CORS),
        do("get_bucket_cors"),
        do("delete_bucket_cors"),
        do("get_bucket_cors"),
    ],
    "bucket-tags": [
        do("get_bucket_tagging"),
        do("put_bucket_tagging", Tagging=TAGS),
        do("get_bucket_tagging"),
        do("delete_bucket_tagging"),
        do("get_bucket_tagging"),
    ],
    "bucket-lifecycle": [
        do("get_bucket_lifecycle_configuration"),
        do("put_bucket_lifecycle_configuration", LifecycleConfiguration=LIFECYCLE),
        do("get_bucket_lifecycle_configuration"),
        do("delete_bucket_lifecycle"),
        do("get_bucket_lifecycle_configuration"),
    ],
    "bucket-settings": [
        do("get_bucket_encryption"),
        do("get_public_access_block"),
        do("get_bucket_ownership_controls"),
        do("get_bucket_request_payment"),
        do("get_bucket_notification_configuration"),
        do("get_bucket_replication"),
        do("get_bucket_website"),
        do("get_bucket_logging"),
        do("get_bucket_accelerate_configuration"),
        do("get_object_lock_configuration"),
    ],
    "bucket-block": [
        do("put_public_access_block", PublicAccessBlockConfiguration=BLOCK),
        do("get_public_access_block"),
        do("put_bucket_policy", Policy=OPEN_POLICY),
        do("delete_public_access_block"),
        do("put_bucket_policy", Policy=OPEN_POLICY),
        do("put_public_access_block", PublicAccessBlockConfiguration=BLOCK),
    ],
    "bucket-policy": [
        do("get_bucket_policy"),
        do("put_bucket_policy", Policy=OPEN_POLICY),
        do("get_bucket_policy"),
        do("put_bucket_policy", Policy="{}"),
        do("delete_bucket_policy"),
        do("get_bucket_policy"),
    ],
}  # fmt: skip
