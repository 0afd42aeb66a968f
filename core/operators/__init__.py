"""What operators ask and do: why is the money where it is, end a goal, refund a hold, forget a person.

May import the rest of core and the ports.
"""
