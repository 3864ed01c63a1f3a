"""What a job sees of the environment that it was started from: little.

Whoever starts a job here is an administrator with keys of their own. None of those may reach
the job: a job that failed to get credentials must fail, not carry on with the administrator's.
"""

from collections.abc import Mapping

KEPT = frozenset({
    "AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_REGION", "COLORTERM", "CURL_CA_BUNDLE",
    "HTTPS_PROXY", "HTTP_PROXY", "LANG", "LANGUAGE", "LOGNAME", "NO_PROXY", "PATH",
    "REQUESTS_CA_BUNDLE", "SHELL", "SSL_CERT_DIR", "SSL_CERT_FILE", "TERM", "TMPDIR", "TZ",
    "USER", "http_proxy", "https_proxy", "no_proxy",
})  # fmt: skip
"""Names that a job inherits from its caller."""

KEPT_PREFIXES = ("AWS_ENDPOINT_URL", "LC_")
"""Beginnings of names that a job inherits: where services are, how text is written."""

_DEFAULTS = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    # a machine in the cloud has credentials of its own, which are not the job's either
    "AWS_EC2_METADATA_DISABLED": "true",
}


def job_environment(
    environ: Mapping[str, str], variables: Mapping[str, str], *, home: str
) -> dict[str, str]:
    """Return the environment of a job: a little of the caller's, then the job's variables.

    ``home`` takes the place of the caller's: ``~/.aws`` and its like hold credentials.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name in KEPT or name.startswith(KEPT_PREFIXES)
    }
    merged = {**_DEFAULTS, **kept, "HOME": home, **variables}
    if "AWS_REGION" in merged:
        # the aws CLI of version 1 and boto3 read the one, everything newer the other
        merged.setdefault("AWS_DEFAULT_REGION", merged["AWS_REGION"])
    return merged
