from sprechzeit.partners.models.signing import Nonce, SigningKey

__all__ = ["Nonce", "SigningKey"]
