"""What somebody may follow: a thing of the graph, or a feed. What moves is `storage.moved`'s to say."""

from storage.moved import Channel as Channel  # the schema is handed them by these names
from storage.moved import Moved as Moved
from storage.moved import Thing as Thing
from storage.moved import Topic as Topic
from storage.moved import Watch as Watch
