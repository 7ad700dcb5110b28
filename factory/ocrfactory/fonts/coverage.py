"""STAND-IN by the spine's author until the real one lands."""
import msgspec, numpy as np
from ocrfactory.fonts.opened import open_font
from ocrfactory.charset.groups import is_blank
REASONS = ("drawn","unmapped","blank","notdef","placeholder","ink","sequence","quarantined")
class Coverage(msgspec.Struct, frozen=True):
    file_of: object
    verdict: object
    quarantined: tuple[str,...] = ()
def cover(face, classes):
    fo=np.full(len(classes),-1,np.int8); ve=np.ones(len(classes),np.uint8)
    for k,file in enumerate(face.files):
        f=open_font(file,face.lang)
        for i,c in enumerate(classes):
            if fo[i]>=0: continue
            r=f.shape(c)
            if any(g[0]==0 for g in r.glyphs): continue
            if f.bounds(r) is None and not is_blank(c): ve[i]=2; continue
            fo[i]=k; ve[i]=0
    return Coverage(fo,ve)
