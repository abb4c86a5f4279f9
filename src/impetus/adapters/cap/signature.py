"""The signature in a CAP alert: looked at, and verified when it can be; never claimed to hold when it was not verified.

Verified means: one enveloped signature over the whole document, SHA-256 or better, that holds with the key of a
certificate named for the feed by a person, valid when the alert was sent. The certificate inside the document proves
nothing by itself and is not used. Everything else that is signed is `unverified`, with the reason; a digest that does not
match the document is `broken`.

**Source**: CAP 1.2, section 3.3.2.1; XML Signature (W3C, 2008), sections 3.2 and 6.
"""

import base64
import copy
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from impetus.core.warning import Signed

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
C14N: Final = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/2001/10/xml-exc-c14n#": True,
}
"""Canonicalisations we know, and whether each is the exclusive one."""
ENVELOPED: Final = f"{DS}enveloped-signature"
DIGESTS: Final = {
    f"{DS}sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
SIGNINGS: Final[dict[str, hashes.HashAlgorithm]] = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512(),
}
WEAK: Final = "sha1"


def look_at_signature(root: etree._Element, certificates: Sequence[str], sent: datetime) -> tuple[Signed, str]:
    """Return how an alert that is a whole document is signed, and by whom or why nobody can tell."""
    found = root.findall(f".//{{{DS}}}Signature")
    if not found:
        return Signed.NO, ""
    if len(found) > 1:
        return Signed.UNVERIFIED, f"{len(found)} signatures"
    try:
        return _verified(root, found[0], certificates, sent)
    except (ValueError, TypeError, AttributeError, etree.LxmlError) as error:
        return Signed.UNVERIFIED, f"a signature that cannot be read ({str(error)[:60]})"


def _verified(
    root: etree._Element, signature: etree._Element, certificates: Sequence[str], sent: datetime
) -> tuple[Signed, str]:
    """Check the digest over the document, then the signature over the digest."""
    if signature.getparent() is not root or len(signature.findall(f".//{{{DS}}}Reference")) != 1:
        return Signed.UNVERIFIED, "not one signature over the whole alert"
    reference = signature.find(f"{{{DS}}}SignedInfo/{{{DS}}}Reference")
    transforms = [_algorithm(each) for each in reference.iter(f"{{{DS}}}Transform")]
    digest = DIGESTS.get(_algorithm(reference.find(f"{{{DS}}}DigestMethod")))
    known = {ENVELOPED, *C14N}
    if reference.get("URI") != "" or ENVELOPED not in transforms or not known.issuperset(transforms) or digest is None:
        return Signed.UNVERIFIED, "a kind of signature that is not checked here"
    exclusive = any(C14N.get(each, False) for each in transforms)
    said = _bytes(reference.findtext(f"{{{DS}}}DigestValue", ""))
    if hashlib.new(digest, _without_signature(root, exclusive=exclusive), usedforsecurity=False).digest() != said:
        return Signed.BROKEN, "the document is not what was signed"
    if digest == WEAK:
        return Signed.UNVERIFIED, "signed with SHA-1, which proves nothing any more"
    return _by_whom(signature, certificates, sent)


def _by_whom(signature: etree._Element, certificates: Sequence[str], sent: datetime) -> tuple[Signed, str]:
    """Return which of the named certificates' keys signed it."""
    signed_info = signature.find(f"{{{DS}}}SignedInfo")
    exclusive = C14N.get(_algorithm(signed_info.find(f"{{{DS}}}CanonicalizationMethod")))
    algorithm = SIGNINGS.get(_algorithm(signed_info.find(f"{{{DS}}}SignatureMethod")))
    if algorithm is None or exclusive is None:
        return Signed.UNVERIFIED, "a kind of signature that is not checked here"
    alone = etree.fromstring(
        etree.tostring(signed_info, with_tail=False)
    )  # a subtree is made canonical wrongly by lxml 6
    text = etree.tostring(alone, method="c14n", exclusive=exclusive, with_comments=False)
    value = _bytes(signature.findtext(f"{{{DS}}}SignatureValue", ""))
    for file in certificates:
        certificate = x509.load_pem_x509_certificate(Path(file).read_bytes())
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            continue
        try:
            key.verify(value, text, padding.PKCS1v15(), algorithm)
        except InvalidSignature:
            continue
        name = certificate.subject.rfc4514_string()[:200]
        if certificate.not_valid_before_utc <= sent <= certificate.not_valid_after_utc:
            return Signed.VERIFIED, name
        return Signed.UNVERIFIED, f"the certificate of {name} was not valid then"
    return (
        Signed.UNVERIFIED,
        "nobody whose certificate is named for this feed" if certificates else "no certificate is named",
    )


def _without_signature(root: etree._Element, *, exclusive: bool) -> bytes:
    """Return the canonical document without its signature; the text behind the signature stays."""
    bare = copy.deepcopy(root)
    signature = bare.find(f"{{{DS}}}Signature")
    before, tail = signature.getprevious(), signature.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        bare.text = (bare.text or "") + tail
    bare.remove(signature)
    body: bytes = etree.tostring(bare, method="c14n", exclusive=exclusive, with_comments=False)
    return body


def _algorithm(element: etree._Element | None) -> str:
    return "" if element is None else element.get("Algorithm", "")


def _bytes(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)
