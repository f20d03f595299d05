"""What every message of the wire contract is made of."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A message. Its validator is built when it is first used: a front end that starts needs few of them."""

    model_config = ConfigDict(defer_build=True)


def build_all(kind: type[Model] = Model) -> None:
    """Build the validators of all messages now, as a program does that serves them all."""
    kind.model_config["defer_build"] = False
    kind.model_rebuild()
    for each in kind.__subclasses__():
        build_all(each)
