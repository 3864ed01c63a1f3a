"""Two spellings of one address."""


def url_difference(wanted: str, got: str) -> str | None:
    """Return in words how two spellings of one address differ, or None for two addresses."""
    if wanted == got:
        return None
    if wanted.rstrip("/") == got.rstrip("/"):
        return "a trailing slash"
    bare_wanted, bare_got = wanted.split("://", 1)[-1], got.split("://", 1)[-1]
    if bare_wanted.rstrip("/") == bare_got.rstrip("/"):
        return "the scheme" if bare_wanted == bare_got else "the scheme and a trailing slash"
    if wanted.casefold().rstrip("/") == got.casefold().rstrip("/"):
        return "upper and lower case"
    ports = (":443", ":80")
    plain = [
        next((text.removesuffix(port) for port in ports if text.endswith(port)), text)
        for text in (bare_wanted.rstrip("/"), bare_got.rstrip("/"))
    ]
    return "a port that goes without saying" if plain[0] == plain[1] else None
