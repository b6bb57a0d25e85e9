from sprechzeit.partners.models.answers import Answer
from sprechzeit.partners.models.signing import Nonce, SigningKey

__all__ = ["Answer", "Nonce", "SigningKey"]
