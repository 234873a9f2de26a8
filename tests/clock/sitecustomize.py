"""The clock of every Python process whose path begins with this folder: as many seconds ahead as STEELYARD_CLOCK_AHEAD says.

Wall clocks alone move; PostgreSQL and the browser keep the true one, as servers and devices in other hands would.
"""

import os
import time

if ahead := os.environ.get("STEELYARD_CLOCK_AHEAD"):
    import time_machine

    if not time_machine.traveller_stack:
        time_machine.travel(time.time() + float(ahead), tick=True).start()
