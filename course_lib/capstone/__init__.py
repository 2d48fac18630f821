"""One person out of a video of many: SparseInst says which pixels are whose, RVM says how much of each.

RVM (chapters 01–10) mattes whoever is there, together, with soft edges. SparseInst (chapters 11–18) tells them apart, with hard
ones. In each frame t, for the person p that was chosen:

    1.  masks m_1 … m_P of SparseInst, class "person", scored above a threshold, of each its largest piece
    2.  numbered as in the frame before: the assignment with the largest sum of overlaps (chapter 15)
    3.  gate_p: 1 where a pixel is near m_p and nearer to it than to every other mask, 0 elsewhere, a ramp between (`gate`)
    4.  alpha_p = gate · alpha

A person who is not found keeps the last mask, less what others cover now, for as long as the tracker waits; then is gone. Who
comes later, is a stranger to the tracker, and wears the same colours is taken for the same person.

Neither paper does this. Human instance matting has networks of its own (Sun et al. 2022, arXiv 2205.10767); this is what the
two systems of the course give when they are put together, and chapter 21 shows where it fails.
"""

from course_lib.capstone.gate import gate, signed_distance
from course_lib.capstone.people import Choice, draw_people, find_people
from course_lib.capstone.session import PersonSession, person_session

__all__ = ["Choice", "PersonSession", "draw_people", "find_people", "gate", "person_session", "signed_distance"]
