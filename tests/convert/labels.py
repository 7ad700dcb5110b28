"""One invented label of every family: the keys are those of the deliveries, every value is made up."""

import json

from ocrfactory.convert.document import Document

LABELS = {
    "fonts-81": {
        "info": {"name": "Text in the wild Dataset"},
        "images": [
            {"id": "00000001", "width": 90, "height": 92, "file_name": "00000001.png"},
            {"id": "00000002", "width": 190, "height": 92, "file_name": "00000002.png"},
        ],
        "annotations": [
            {
                "id": "00000001",
                "image_id": "00000001",
                "text": "뷁",
                "attributes": {"font": "가상체", "type": "글자(음절)", "is_aug": False},
            },
            {
                "id": "00000002",
                "image_id": "00000002",
                "text": "나무를 심었다",
                "attributes": {"type": "문장", "gender": "여", "age": "31", "job": "교사"},
            },
        ],
        "licenses": [],
    },
    "wild-81": {
        "info": {"name": "Text in the wild Dataset"},
        "images": [{"id": "00000007", "width": 640, "height": 480, "file_name": "A0B1.jpg", "type": "sign"}],
        "annotations": [
            {
                "id": "1",
                "image_id": "00000007",
                "text": "약국",
                "attributes": {"class": "word"},
                "bbox": [10, 20, 80, 40],
            },
            {
                "id": "2",
                "image_id": "00000007",
                "text": "약",
                "attributes": {"class": "character"},
                "bbox": [10, 20, 40, 40],
            },
            {"id": "3", "image_id": "00000007", "text": None, "attributes": {"class": "ignored"}, "bbox": [5, 5, 9, 9]},
        ],
    },
    "outdoor-105": {
        "annotations": [
            {"id": 1, "image_id": 1, "text": "국수집", "bbox": [40, 60, 100, 30]},
            {"id": 2, "image_id": 1, "text": "XXX", "bbox": [4, 6, 10, 30]},
            {"id": 3, "image_id": 9, "text": "면", "bbox": [None, None, None, None]},
        ],
        "cropLabels": [],
        "images": [
            {"id": 1, "file_name": "간판_가상_000001.jpg", "date_created": "20200101", "width": 800, "height": 600}
        ],
        "info": {"name": "간판_가상_000001"},
        "metadata": [{"class": "실외간판", "wordorientation": "세로", "weather": "흐림"}],
    },
    "forms-91": {
        "info": {"name": "x", "date_created": "2020-01-01"},
        "image": {"file_name": "001200.jpg", "width": 1000, "height": 1400},
        "license": {"font": "가상체", "font_no": "4", "writer_no": "77", "writer_age": "2"},
        "text": {"type": "t", "word": [{"wordbox": [100, 200, 180, 240], "value": "접수", "source": "s"}]},
    },
    "public-88": {
        "images": [
            {
                "image.make.code": "555",
                "image.make.year": "2009",
                "image.category": "인.허가",
                "image.width": 1240,
                "image.height": 1754,
                "image.file.name": "555-2009-0001.jpg",
            }
        ],
        "annotations": [
            {
                "id": 4,
                "annotation.type": "rectangle",
                "annotation.ttype": "textType1",
                "annotation.text": "성명",
                "annotation.bbox": [30, 40, 50, 20],
            },
            {"id": 4, "annotation.text": "xxx", "annotation.bbox": [30, 90, 50, 20]},
        ],
    },
    "documents-71299": {
        "Annotation": {"object_recognition": 1},
        "Dataset": {"identifier": "OCR(public)", "category": 1},
        "Images": {"identifier": "AA_2001_1_0001", "type": "jpg", "width": 1200, "height": 1700, "dpi": 300},
        "Bbox": [{"id": 1, "data": "회의록", "type": 1, "typeface": 2, "x": [12, 12, 90, 90], "y": [10, 62, 10, 62]}],
    },
    "handwriting-605": {
        "Annotation": {"object_recognition": 0},
        "Dataset": {"identifier": "IMG_OCR_53"},
        "Images": {
            "acquistion_location": "가정",
            "identifier": "IMG_1",
            "type": "png",
            "pen_type": 0,
            "writer_age": 40,
            "writer_sex": 1,
            "width": 900,
            "height": 1300,
        },
        "bbox": [
            {"data": "바람", "id": 0, "x": [30, 30, 70, 70], "y": [21, 29, 21, 29]},
            {"data": "xxx", "id": 0, "x": [3, 3, 7, 7], "y": [2, 9, 2, 9]},
        ],
    },
    "papers-632": {
        "Identifier": "q",
        "name": "IMG_7.jpg",
        "images": [{"identifier": "q", "name": "IMG_7.jpg", "document_name": "청약서", "width": 3000, "height": 4000}],
        "annotations": [
            {
                "polygons": [
                    {"id": "0", "type": 1, "text": "가입", "points": [[10.5, 7], [24, 8], [24, 12], [10, 11]]},
                    {"id": "1", "type": 0, "text": "?", "points": [[1, 1], [5, 1], [6, 4], [5, 6], [1, 5]]},
                ],
                "bbox": [
                    {"id": "0", "x": 9.0, "y": 6.0, "width": 16.0, "height": 7.0},
                    {"id": "8", "x": 0, "y": 0, "width": 1, "height": 1},
                ],
            }
        ],
    },
    "symbols-479": {
        "id": "u",
        "chapter_id": "1",
        "material_type": "손글씨",
        "segments": [
            {
                "box": [[0, 0], [50, 0], [50, 20], [0, 20]],
                "type": "수식/텍스트",
                "type_detail": "수식",
                "equation": "$x=2$",
            },
            {"box": [[0, 30], [50, 30], [50, 60], [0, 60]], "type": "도형", "type_detail": "원"},
        ],
    },
    "math-71716": {
        "id": "M9_1",
        "question_filename": "M9_1.png",
        "question_info": [{"question_grade": "M9"}],
        "OCR_info": [{"question_text": "$3$개와 $4$개를 더하면?", "question_bbox": []}],
    },
    "classics-603": {
        "Info_Name": "n",
        "Info_Block": "목판본",
        "Image_ID": "0_1",
        "Image_File_name": "0_1",
        "Image_Width": 700,
        "Image_Height": 1100,
        "Image_Text_Coord": [
            [
                {"bbox": [600.5, 10.0, 50.0, 51.0, 0, 0], "type": "1", "label": "地"},
                {"bbox": [600.5, 70.0, 50.0, 51.0, 0, 1], "type": "1", "label": "玄"},
            ],
            [{"bbox": [520.0, 10.0, 50.0, 51.0, 1, 0], "type": "1", "label": "黃"}],
        ],
    },
    "old-hangul-71295": {
        "Image_filename": "목판본_9",
        "Text_Coord": [{"annotate": "ᄒᆞᆫ", "bbox": [70, 20, 48, 50, 0, 0]}],
    },
    "multilingual-71730": {
        "Images": {"file_name": "OCR_KE_Z1_1.jpeg", "width": 640, "height": 480},
        "Annotation": [
            {"text": "카페", "polygon_points": [[4, 5], [13, 5], [13, 8], [4, 9]]},
            {"text": "###", "polygon_points": [4, 5, 13, 5, 13, 8]},
        ],
    },
    "drawings-239": {
        "images": [
            {"id": 1, "file_name": "D_1.png", "width": 4000, "height": 3000},
            {"id": 2, "file_name": "D_2.png", "width": 4000, "height": 3000},
        ],
        "annotations": [
            {"id": 7, "image_id": 2, "bbox": [12, 14, 96, 30], "attributes": {"OCR": "침실"}},
            {"id": 8, "image_id": 1, "bbox": [2, 4, 6, 3], "attributes": {"OCR": "주방"}},
        ],
    },
}


def document(value, path="a/b.json", big=None):
    """A label file."""
    data = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    return Document.of(path, data) if big is None else Document.of(path, data, big)
