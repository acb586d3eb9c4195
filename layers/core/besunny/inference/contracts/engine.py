"""What an answer says of the engine that computed it; apart, since cache keys need it and no other contract."""

from pydantic import BaseModel


class EngineInfo(BaseModel):
    """What computed an answer."""

    name: str
    model: str
    version: str
